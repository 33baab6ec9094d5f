//! SVG drawn as PNG.

use std::error::Error;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::drawing::ALARM;

/// Pixels of the picture for one of the drawing, each way: sharp on today's screens and on paper.
const SCALE: f32 = 2.0;
const FONT: &str = "Ubuntu";

/// The font that all letters are of, read once.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    fonts.set_sans_serif_family(FONT);
    Arc::new(fonts)
});

/// The font has no bold: titles get a hair line around their letters, in the colour that they have.
fn thickened(svg: &str) -> String {
    let bold = "font-weight=\"bold\"";
    let with = |colour: &str| format!("{bold} stroke=\"{colour}\" stroke-width=\"0.45\"");
    let coloured = format!("fill=\"{ALARM}\" {bold}");
    let mut text = String::with_capacity(svg.len());
    for (place, part) in svg.split(&coloured).enumerate() {
        if place > 0 {
            text.push_str(&format!("fill=\"{ALARM}\" {}", with(ALARM)));
        }
        text.push_str(&part.replace(bold, &with("#000000")));
    }
    text
}

pub(super) fn png(svg: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: FONT.to_string(), ..Options::default() };
    let tree = Tree::from_str(&thickened(svg), &options)?;
    let [width, height] =
        [tree.size().width(), tree.size().height()].map(|length| (SCALE * length).ceil() as u32);
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| format!("{width} × {height} pixels are too many"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}
