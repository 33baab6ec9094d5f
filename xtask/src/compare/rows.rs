//! The rows of each part, and on how many threads they run.

use wengert_protocol::{INFERENCE, Layout, Row, TRAINING};

use super::Part;

/// Sides of the square matrices.
const SIDES: [usize; 13] = [32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];

/// All rows of a part.
pub(super) fn all(part: Part) -> Vec<Row> {
    match part {
        Part::Steps => TRAINING.iter().chain(&INFERENCE).map(|row| parsed(row)).collect(),
        Part::Products => {
            let squares = SIDES.map(|n| Row::Product { layout: Layout::Plain, m: n, k: n, n });
            [Row::Peak].into_iter().chain(squares).chain(products_of_layers()).collect()
        }
    }
}

/// On how many threads a part runs.
pub(super) fn threads(part: Part) -> &'static [usize] {
    match part {
        Part::Steps => &[2],
        Part::Products => &[1, 2],
    }
}

fn parsed(row: &str) -> Row {
    row.parse().expect("the reported rows are rows")
}

/// The products of the layers of the rows of training, each once: forward, gradient to the weights, gradient to the
/// data, which the first layer does not need.
fn products_of_layers() -> Vec<Row> {
    let mut products = Vec::new();
    // The first row has matrices of two rows; a product of those is a call and nothing else.
    for row in &TRAINING[1..] {
        let Row::Train { sizes, batch, .. } = parsed(row) else { continue };
        for (index, pair) in sizes.windows(2).enumerate() {
            let (n_in, n_out) = (pair[0], pair[1]);
            products.push(Row::Product { layout: Layout::Plain, m: batch, k: n_in, n: n_out });
            products.push(Row::Product { layout: Layout::LeftTransposed, m: n_in, k: batch, n: n_out });
            if index > 0 {
                products.push(Row::Product { layout: Layout::RightTransposed, m: batch, k: n_out, n: n_in });
            }
        }
    }
    let mut seen = Vec::new();
    products.retain(|product| !seen.contains(product) && (seen.push(product.clone()), true).1);
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_products_of_a_layer_are_its_three() {
        let rows = all(Part::Products);
        for row in [
            "peak",
            "nn 2048x2048x2048",
            "nn 128x784x512",
            "tn 784x128x512",
            "nt 128x512x512",
            "nt 512x1024x4096",
        ] {
            assert_eq!(rows.iter().filter(|other| **other == parsed(row)).count(), 1, "{row}");
        }
        assert!(!rows.contains(&parsed("nt 128x512x784")), "nobody needs a gradient to the data");
    }

    #[test]
    fn the_steps_are_those_of_the_protocol() {
        assert_eq!(all(Part::Steps).len(), TRAINING.len() + INFERENCE.len());
    }
}
