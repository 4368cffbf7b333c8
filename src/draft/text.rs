//! The text of a new drill: a storm, what its wind does, calls by district, and grades to begin with.

use protocol::Civil;
use simulator::hazard::Fix;

use super::{Draft, LASTS, MARGIN};

/// What follows from no record, in the order of the file.
const STREAMS: &str = include_str!("streams.toml");

/// The whole file.
pub(super) fn of(draft: &Draft<'_>) -> String {
    let parts = [
        head(draft),
        storm(draft),
        STREAMS.to_owned(),
        injects(draft),
    ];
    parts.join("\n")
}

fn head(draft: &Draft<'_>) -> String {
    let (id, name, source, region) = (&draft.id, &draft.name, &draft.source, draft.region.id());
    let start = Civil::at(draft.start, draft.region.timezone_minutes()).rfc3339();
    let hours = LASTS.0 / 3_600_000_000;
    format!(
        r#"# A typhoon drill made of a best track by `liandong scenario new`. The track is real; all that happens to people
# is invented. Develop it: docs/scenarios.md says what every key means.
schema = "liandong-scenario/1"
id = "{id}"
title = {{ zh = "演练·虚构：台风{name}过境", en = "Exercise, fictional: a typhoon passes" }}
region = "{region}"
start = {start}
duration = "{hours}h"
seed = 7
sources = ["Track: {source}, as it was given; tables of IBTrACS: doi:10.25921/82ty-9e16"]
assumptions = [
    "(model) every incident, unit and inventory is invented 演示数据; rates follow from no record",
    "(model) Holland profile; wind over land 75 % of wind over water",
    "(model) crossings close and roads slow at the winds given here; they are nobody's rules",
]

[[phase]]
id = "watch"
title = "预警与前置"
at = "0h"

[[phase]]
id = "peak"
title = "风雨最强"
at = "7h"

[[phase]]
id = "ebb"
title = "风雨减弱"
at = "13h"

[[objective]]
id = "OBJ-1"
title = "危急事件首支队伍及时到场"
measure = "response-p90"
severity = "critical"
grades = ["20m", "40m", "90m"]

[[objective]]
id = "OBJ-2"
title = "来电即接报"
measure = "intake-p90"
grades = ["1m", "5m", "30m"]

[[objective]]
id = "OBJ-3"
title = "跨市增援及时落实"
measure = "aid-p50"
severity = "serious"
grades = ["2m", "10m", "30m"]

[[objective]]
id = "OBJ-4"
title = "预警和响应按时"
measure = "expected-percent"
grades = [100, 80, 50]
"#
    )
}

fn storm(draft: &Draft<'_>) -> String {
    let name = &draft.name;
    let roads = draft.region.crossings().iter();
    let roads: Vec<String> = roads.map(|it| format!("\"{}\"", it.slug)).collect();
    let track: Vec<String> = draft.fixes.iter().map(|fix| line(draft, fix)).collect();
    let (track, back) = (track.join("\n"), MARGIN.0 / 3_600_000_000);
    let closes = if roads.is_empty() {
        String::new()
    } else {
        let roads = roads.join(", ");
        format!("[[hazard.effect]]\nwind_ms = 20\nclose = [{roads}]\n\n")
    };
    format!(
        r#"# Times of the track count from {back} hours before the start.
[[hazard]]
id = "storm"
kind = "wind-field"
name = "台风{name}（演练）"
shift_h = -{back}
track = [
{track}
]

{closes}[[hazard.effect]]
wind_ms = 14
slow_percent = 130

[[hazard.effect]]
wind_ms = 20
slow_percent = 180
"#
    )
}

/// A fix as the file writes it.
fn line(draft: &Draft<'_>, fix: &Fix) -> String {
    let after = (fix.at + MARGIN).since(draft.start);
    let minutes = after.0 / 60_000_000;
    let (longitude, latitude) = (fix.centre.longitude(), fix.centre.latitude());
    let (wind, pressure) = (fix.wind_ms, fix.pressure_hpa.clamp(850.0, 1_050.0));
    let rmax = fix
        .rmax_km
        .map(|km| format!(", rmax_km = {:.0}", km.clamp(5.0, 300.0)));
    format!(
        "    {{ at = \"{minutes}m\", point = [{longitude:.2}, {latitude:.2}], wind_ms = {wind:.1}, pressure_hpa = {pressure:.0}{} }},",
        rmax.unwrap_or_default()
    )
}

fn injects(draft: &Draft<'_>) -> String {
    let weather = draft.weather();
    let areas: Vec<String> = draft
        .region
        .cities()
        .map(|it| it.area.to_string())
        .collect();
    let cities: Vec<String> = draft
        .region
        .cities()
        .map(|it| format!("\"{}\"", it.party))
        .collect();
    let (areas, cities) = (areas.join(", "), cities.join(", "));
    format!(
        r#"[[inject]]
number = "INJ-01"
title = "台风预警"
at = "1m"
channel = "field"
to = ["{weather}"]
kind = "warning"
hazard = "typhoon"
colour = "red"
areas = [{areas}]
text = "【演练】台风将影响本区域"
measures = "人员转移到安全场所，力量前置"
for = "18h"
objective = "OBJ-4"
expected = {{ within = "10m", action = "气象部门发布预警", seen = {{ said = "warning" }} }}

[[inject]]
number = "INJ-02"
title = "启动防台风响应"
at = "10m"
channel = "operator"
to = [{cities}]
kind = "response"
level = 1
text = "【演练】防台风应急响应"
measures = "加强值守，按预案前置力量"
for = "18h"
objective = "OBJ-4"
expected = {{ within = "10m", action = "各市启动响应", seen = {{ said = "response" }} }}

[[inject]]
number = "INJ-03"
title = "多起事件并发"
when = {{ waiting = 40 }}
channel = "operator"
to = [{cities}]
kind = "note"
text = "【演练】统筹力量，先重后轻"
"#
    )
}
