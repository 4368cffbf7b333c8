//! One reverse Dijkstra on the graph of the largest pack: the price of a new incident.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use region::Region;

fn reverse_dijkstra(criterion: &mut Criterion) {
    let region = Region::built_in("prd").expect("the pack is in the binary");
    let roads = region.roads();
    let usual = roads.usual();
    let (node, _) = roads.nodes().nth(300).expect("the graph has more nodes");
    let farthest = |end| {
        let mut table = roads.times_to(&usual, end);
        let times = roads.nodes().map(|(from, _)| table.from(roads, from));
        times.max().flatten()
    };
    let name = format!("one reverse Dijkstra on {} nodes", roads.nodes().len());
    criterion.bench_function(&name, |bench| {
        bench.iter(|| farthest(black_box(node)));
    });
}

fn whose_ground(criterion: &mut Criterion) {
    let region = Region::built_in("prd").expect("the pack is in the binary");
    let point = region.places()[40].point;
    criterion.bench_function("whose ground a point lies on", |bench| {
        bench.iter(|| region.locate(black_box(point)));
    });
}

criterion_group!(benches, reverse_dijkstra, whose_ground);
criterion_main!(benches);
