//! `wengert plot`: pictures.

use std::path::{Path, PathBuf};

use clap::Args;
use wengert::prelude::*;
use wengert::train::{confusion_svg, weights_svg};

use crate::evaluate::Judged;
use crate::failure::Failure;
use crate::input::{self, Format, Incomplete, Input};
use crate::output::{self, Planned};

pub(crate) const EXAMPLES: &str = "\
Examples:
  The curves of a training, from what `train --history` wrote:
    wengert plot history.csv --out curves.svg
  What a model takes for what, on a table with targets:
    wengert plot model.safetensors later.csv --out confusion.svg
  The weights of the first layer of a model whose columns are the pixels of a picture, 8 high and 8 wide:
    wengert plot model.safetensors --weights 8x8 --out weights.svg";

#[derive(Args, Debug)]
pub(crate) struct Plot {
    /// A history (.csv or .json), or a model (.safetensors)
    file: PathBuf,

    /// With a model, a table with targets: draws what is taken for what; `-` for the standard input
    data: Option<PathBuf>,

    /// With a model, draws the weights of its first layer as pictures of this size
    #[arg(long, value_name = "HEIGHTxWIDTH", value_parser = size, conflicts_with = "data")]
    weights: Option<[usize; 2]>,

    /// The picture, an .svg file, or .png where the program was built with that [default: an SVG on the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replaces a file that is there
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(arguments: &Plot) -> Result<(), Failure> {
    let out = arguments.out.as_deref();
    let Some(path) = output::file(out) else { return output::print(arguments.svg()?) };
    output::check(&[Planned { argument: "--out", path, endings: output::PICTURES }], arguments.force)?;
    output::draw(path, &arguments.svg()?)
}

impl Plot {
    fn svg(&self) -> Result<String, Failure> {
        let is_model = self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors"));
        match (is_model, &self.data, self.weights) {
            (false, None, None) => Ok(History::load(&self.file)?.to_svg()),
            (false, ..) => {
                let file = self.file.display();
                Err(Failure::Usage(format!(
                    "`{file}` is no model, expected a .safetensors file before a table or --weights"
                )))
            }
            (true, Some(data), _) => self.confusion(data),
            (true, None, Some(size)) => self.weights(size),
            (true, None, None) => Err(Failure::Usage(
                "of a model, either a table or --weights HEIGHTxWIDTH is needed".to_string(),
            )),
        }
    }

    fn confusion(&self, data: &Path) -> Result<String, Failure> {
        let pipeline = input::pipeline(&self.file)?;
        if !pipeline.preparation.task().is_classification() {
            let message = "the model predicts numbers: only classes can be taken for each other";
            return Err(Failure::Work(message.to_string()));
        }
        let input = Input { data: data.to_path_buf(), format: self.format.clone() };
        let matrix = Judged::of(&pipeline, &input, Incomplete::Error)?.confusion(&pipeline)?;
        let n = matrix.n_classes();
        let counts: Vec<Vec<usize>> =
            (0..n).map(|right| (0..n).map(|said| matrix.count(right, said)).collect()).collect();
        Ok(confusion_svg(matrix.names(), &counts))
    }

    fn weights(&self, [height, width]: [usize; 2]) -> Result<String, Failure> {
        let model = Sequential::load(&self.file)?;
        let parameters = model.parameters();
        let first = parameters.iter().map(|(_, param)| param).find(|param| param.rank() == 2);
        match first {
            Some(weight) if weight.shape()[0] == height * width => Ok(weights_svg(weight, height, width)),
            Some(weight) => {
                let n = weight.shape()[0];
                let message = format!(
                    "--weights {height}x{width} are {} numbers, but the first layer takes {n}",
                    height * width
                );
                Err(Failure::Usage(message))
            }
            None => Err(Failure::Work("the model has no layer with a matrix of weights".to_string())),
        }
    }
}

fn size(text: &str) -> Result<[usize; 2], String> {
    let side = |text: &str| text.parse().ok().filter(|side| (1..=10_000).contains(side));
    let sides = text.split_once(['x', '×']).and_then(|(height, width)| Some([side(height)?, side(width)?]));
    sides.ok_or_else(|| "expected a height and a width such as 8x8".to_string())
}
