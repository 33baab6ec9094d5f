//! Pictures.

use crate::support::Place;

#[test]
fn curves_are_drawn_of_a_history() {
    let place = Place::with_tables();
    let train = "train wages.csv --target wage_per_hour --epochs 3 --hidden 4 --validation-split 0.2 --out m.safetensors --force";
    place.ok(&format!("{train} --history h.csv --plot c.svg"));
    let svg = place.ok("plot h.csv");
    assert_eq!(svg, place.read("c.svg"), "what is read is what was trained");
    place.ok(&format!("{train} --history h.json"));
    assert!(place.ok("plot h.json").contains("val_loss"));
    assert_eq!(place.ok("plot h.csv --out again.svg"), "");
    assert_eq!(place.read("again.svg"), svg);
    place.fails(
        "plot h.csv --out again.svg",
        1,
        "there is a file already: `--out again.svg`\n  help: `--force` replaces it",
    );
    place.ok("plot h.csv --out again.svg --force");
}

#[test]
fn what_is_taken_for_what_is_drawn() {
    let place = Place::with_tables();
    place.ok("train shots.csv --target shot_result --drop id --hidden 16 --epochs 40 --learning-rate 0.05 --out m.safetensors");
    let svg = place.ok("plot m.safetensors later.csv");
    assert!(svg.starts_with("<svg") && svg.contains("right hit, predicted miss: 0 of "), "{svg}");
    place.ok("train wages.csv --target wage_per_hour --epochs 1 --out n.safetensors");
    place.fails(
        "plot n.safetensors wages.csv",
        1,
        "the model predicts numbers: only classes can be taken for each other",
    );
}

#[test]
fn weights_are_drawn_as_pictures() {
    let place = Place::with_tables();
    place.ok("train shots.csv --target shot_result --hidden 7 --epochs 1 --out m.safetensors");
    let svg = place.ok("plot m.safetensors --weights 2x3 --out -");
    assert!(svg.contains("unit 6") && !svg.contains("unit 7"), "{svg}");
    place.fails(
        "plot m.safetensors --weights 2x2",
        2,
        "--weights 2x2 are 4 numbers, but the first layer takes 6",
    );
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let place = Place::with_tables();
    place.fails("plot m.safetensors", 2, "of a model, either a table or --weights HEIGHTxWIDTH is needed");
    place.fails(
        "plot wages.csv shots.csv",
        2,
        "`wages.csv` is no model, expected a .safetensors file before a table or --weights",
    );
    place.fails(
        "plot shots.csv",
        1,
        "history: a cell is no number\n  file    shots.csv\n  line    2\n  column  side\n  value   `left`   <- expected a \
         number\n  help: a column of categories must be one when the model is trained; `wengert train --drop` leaves it out",
    );
    place.fails("plot wages.csv --out w.gif", 2, "`--out w.gif`: expected a name that ends in .svg");
}

#[cfg(not(feature = "png"))]
#[test]
fn png_needs_a_program_that_was_built_for_it() {
    let place = Place::with_tables();
    place.fails(
        "train wages.csv --target wage_per_hour --plot c.png",
        2,
        "`--plot c.png`: expected a name that ends in .svg\n  help: a program installed with `--features png` draws them",
    );
}
