//! Predictions for new tables.

use crate::support::{Place, cells};

fn trained(arguments: &str) -> Place {
    let place = Place::with_tables();
    place.ok(&format!("train {arguments} --out m.safetensors --verbose 0"));
    place
}

#[test]
fn columns_are_found_by_name_and_the_target_may_be_absent() {
    let place =
        trained("shots.csv --target shot_result --drop id --hidden 16 --epochs 40 --learning-rate 0.05");
    let predicted = place.ok("predict m.safetensors later.csv");
    let expected: String = place
        .read("later.csv")
        .lines()
        .map(|line| line.rsplit(',').next().unwrap().to_string() + "\n")
        .collect();
    assert_eq!(predicted, expected);
    // In another order, without the target, with a column more, and a truth value as a number.
    place.write("new.csv", "weather,home,side,distance\nsun,1,left,2\nrain,0,right,28.5\n");
    assert_eq!(place.ok("predict m.safetensors new.csv"), "shot_result\nhit\nmiss\n");
    assert_eq!(place.ok("predict m.safetensors new.csv --out p.csv"), "");
    assert_eq!(place.read("p.csv"), "shot_result\nhit\nmiss\n");
}

#[test]
fn probabilities_add_to_one_and_decide() {
    let place = trained("shots.csv --target shot_result --epochs 3 --hidden 8");
    let text = place.ok("predict m.safetensors later.csv --probabilities");
    let rows = cells(&text);
    assert_eq!(
        (rows.len(), rows[0].join(" ")),
        (21, "shot_result probability_hit probability_miss".to_string())
    );
    for row in &rows[1..] {
        let [hit, miss] = [1, 2].map(|place| row[place].parse::<f64>().unwrap());
        assert!(
            (hit + miss - 1.0).abs() < 1e-6 && row[0] == if hit >= miss { "hit" } else { "miss" },
            "{row:?}"
        );
    }
}

#[test]
fn numbers_are_named_after_their_targets() {
    let place = trained(
        "wages.csv --target wage_per_hour,education_yrs --epochs 200 --hidden none --learning-rate 0.1",
    );
    place.write("new.csv", "experience_yrs\n4\n8\n");
    let text = place.ok("predict m.safetensors new.csv --separator ;");
    assert!(text.starts_with("wage_per_hour;education_yrs\n") && text.lines().count() == 3, "{text}");
    // A line through these: what was learned is the formula's slope.
    let wage =
        |line: usize| text.lines().nth(line).unwrap().split(';').next().unwrap().parse::<f64>().unwrap();
    assert!((wage(2) - wage(1) - 1.0).abs() < 0.2, "{text}");
}

#[test]
fn tables_are_written_as_they_are() {
    let place = Place::new();
    let rows: String = (0..20).map(|i| format!("{i},5;\"a;{}\";{i},25\n", i % 2)).collect();
    place.write("a.csv", &format!("\u{feff}\"x\";kind;y\r\n{rows}"));
    let format = "--separator ; --decimal-comma";
    place.ok(&format!("train a.csv --target y --epochs 1 --hidden 2 --out m.safetensors {format}"));
    let summary = place.ok("summary m.safetensors");
    assert!(summary.contains("  x     number\n  kind  one of a;0, a;1\n"), "{summary}");
    place.write("b.csv", "1,0.5\n2,1\n3,1.5\n");
    place.ok("train b.csv --no-header --target 1 --epochs 1 --hidden 2 --out n.safetensors");
    assert!(place.ok("predict n.safetensors b.csv --no-header").starts_with("1\n"));
    place.write("c.csv", "x,y\n?,1.5\n2,2.5\n");
    place.ok("train c.csv --na ? --missing mean --target y --epochs 1 --out o.safetensors");
}

#[test]
fn categories_that_look_like_numbers_stay_categories() {
    let place = Place::new();
    let rows: String = (0..20).map(|i| format!("{},{}.5\n", ["01", "1", "x"][i % 3], i % 3)).collect();
    place.write("a.csv", &format!("code,y\n{rows}"));
    place.ok("train a.csv --target y --epochs 1 --hidden 2 --out m.safetensors");
    place.write("new.csv", "code\n01\n1\n");
    assert_eq!(place.ok("predict m.safetensors new.csv").lines().count(), 3);
    place.write("other.csv", "code\n01\n001\n");
    place.fails(
        "predict m.safetensors other.csv",
        1,
        "csv: a cell is none of the categories\n  file    other.csv\n  line    3\n  column  code\n  \
         value   `001`   <- expected one of 01, 1, x",
    );
    // And numbers can be made categories, coded too.
    let rows: String = (0..20).map(|i| format!("{},{}.5\n", i % 3, i % 3)).collect();
    place.write("b.csv", &format!("code,y\n{rows}"));
    place.ok("train b.csv --target y --categorical code --categories codes --epochs 1 --out n.safetensors");
    assert!(place.ok("summary n.safetensors").contains("  code  number of 0, 1, 2\n"));
}
