//! Pictures in files: the SVG as it is, or drawn as PNG.

use std::io;
use std::path::Path;

use wengert_io::write_whole;

/// Writes a picture to a file whose name says how: as it is to `.svg`, drawn in twice its size to `.png`. What gives a
/// picture has this as its method `plot`; this is for the functions that return a text.
///
/// PNG needs the feature `png` of this crate, or of `wengert`. Its letters are of the picture's own font, so that it is the same on every
/// machine.
///
/// # Errors
/// If the file cannot be written, or its name ends otherwise, or in `.png` without that feature; with it, if the text is no
/// SVG.
///
/// # Examples
/// ```
/// use wengert_nn::Dense;
/// use wengert_tensor::Rng;
/// use wengert_train::{save_picture, weights_svg};
/// let folder = tempfile::tempdir()?;
/// let first = Dense::new(64, 16, &mut Rng::seed(0));
/// save_picture(&weights_svg(&first.weight, 8, 8), folder.path().join("weights.svg"))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn save_picture(svg: &str, path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref();
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("svg") => write_whole(path, svg.as_bytes()).map_err(io::Error::other),
        Some("png") => write_whole(path, &png(svg, path)?).map_err(io::Error::other),
        _ => {
            Err(refused(format!("the file is {}, expected a name that ends in .svg or .png", path.display())))
        }
    }
}

fn refused(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("plot: {message}"))
}

#[cfg(not(feature = "png"))]
fn png(_: &str, path: &Path) -> io::Result<Vec<u8>> {
    Err(refused(format!(
        "{} needs the feature `png`\n  help: build with `--features png`, or give a name that ends in .svg",
        path.display()
    )))
}

#[cfg(feature = "png")]
fn png(svg: &str, path: &Path) -> io::Result<Vec<u8>> {
    super::raster::png(svg).map_err(|error| refused(format!("{} cannot be drawn\n  {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30\" height=\"20\">\
                          <rect width=\"30\" height=\"20\" fill=\"#0072b2\"/></svg>";

    #[track_caller]
    fn check_refused(name: &str, message: &str) {
        let error = save_picture(SQUARE, name).expect_err("refused");
        assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::InvalidInput, message));
    }

    #[test]
    fn a_name_says_what_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a.svg", "a.SVG"] {
            save_picture(SQUARE, folder.path().join(name)).expect("written");
            assert_eq!(std::fs::read_to_string(folder.path().join(name)).expect("read"), SQUARE);
        }
        check_refused(
            "curves.jpg",
            "plot: the file is curves.jpg, expected a name that ends in .svg or .png",
        );
        check_refused("curves", "plot: the file is curves, expected a name that ends in .svg or .png");
        assert!(save_picture(SQUARE, folder.path().join("no folder/a.svg")).is_err());
    }

    #[cfg(not(feature = "png"))]
    #[test]
    fn a_png_needs_its_feature() {
        check_refused(
            "curves.png",
            "plot: curves.png needs the feature `png`\n  help: build with `--features png`, or give a name that ends in .svg",
        );
    }

    #[cfg(feature = "png")]
    #[test]
    fn a_png_shows_the_picture_in_twice_its_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        save_picture(SQUARE, &path).expect("written");
        let image = wengert_data::read_png(&path).expect("a picture");
        assert_eq!(*image.shape(), [40, 60, 4]);
        let blue = [0.0, 114.0, 178.0, 255.0].map(|part: f32| part / 255.0);
        assert!(image.to_vec::<f32>().chunks(4).all(|pixel| pixel == blue));
        let text =
            SQUARE.replace("</svg>", "<text x=\"2\" y=\"15\" font-family=\"sans-serif\">n</text></svg>");
        save_picture(&text, &path).expect("written");
        let with_letter = wengert_data::read_png(&path).expect("a picture").to_vec::<f32>();
        assert!(with_letter.chunks(4).any(|pixel| pixel != blue), "a letter, without a font of the machine");
        let error = save_picture("no picture", "a.png").expect_err("refused").to_string();
        assert!(error.starts_with("plot: a.png cannot be drawn\n  "), "{error}");
    }
}
