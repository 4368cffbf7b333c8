//! Control cards and evaluators' forms of a shipped drill, as a director prints them.

use crate::run::{Folder, liandong, output, text};

#[test]
fn the_cards_of_a_drill_have_every_inject_and_each_office_its_form() {
    let folder = Folder::new("cards");
    let mut cards = liandong();
    cards.args(["scenario", "cards", "scenarios/prd/petrochemical-fire.toml"]);
    let made = output(cards.arg("--out").arg(folder.path()));
    assert!(made.status.success(), "{}", text(&made));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (cards, forms) = (read("control-cards.html"), read("evaluation.html"));
    for number in 1..=11 {
        let inject = format!("INJ-{number:02}");
        assert_eq!(
            cards.matches(&format!("【演练】<b>{inject} ")).count(),
            1,
            "{inject}"
        );
    }
    assert!(cards.contains("备用，届时已见则不给：441300 已发 请求支援（fire） 1 次"));
    assert!(cards.contains("不得交参演单位") && forms.contains("不得交参演单位"));
    // Shenzhen sees what it is expected to do, and Huizhou what it is.
    let (shenzhen, huizhou) = forms.split_once("惠州市").unwrap();
    assert!(shenzhen.contains("INJ-04") && !shenzhen.contains("INJ-07"));
    assert!(huizhou.contains("INJ-07"));
    let table = read("evaluation.csv");
    let mut rows = table.lines();
    assert!(
        rows.next()
            .unwrap()
            .ends_with("seen_at,grade,note,evaluator")
    );
    assert!(rows.clone().count() > 10);
    assert!(rows.all(|row| row.starts_with("【演练】,") && row.ends_with(",,,,")));
}
