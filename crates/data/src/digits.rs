//! The handwritten digits that come with the library.

use wengert_tensor::{Indices, Tensor};

/// Images of handwritten digits, and which digit each shows: what [`digits`] gives.
#[derive(Clone, Debug)]
pub struct Digits {
    /// `[1797, 64]`: the pixels row by row from the top left, 0 (paper) to 1 (ink).
    pub images: Tensor,
    /// `[1797]`: 0 to 9.
    pub labels: Indices,
}

/// 1,797 handwritten digits of 8 x 8 pixels, in their original order, embedded in the library.
///
/// They are the test part of E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine
/// Learning Repository, 1998, [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49), under the licence
/// [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). A pixel there is a count from 0 to 16, the number of dark
/// points in a block of 4 x 4; here it is divided by 16.
///
/// # Examples
/// ```
/// let digits = wengert_data::digits();
/// assert_eq!(*digits.images.shape(), [1797, 64]);
/// assert_eq!(digits.labels.as_slice()[..5], [0, 1, 2, 3, 4]);
/// ```
pub fn digits() -> Digits {
    let (pixels, labels) = BYTES.split_at(N_IMAGES * N_PIXELS);
    let images = pixels.iter().map(|&pixel| f32::from(pixel) / 16.0).collect();
    Digits {
        images: Tensor::new::<f32>(images, [N_IMAGES, N_PIXELS]),
        labels: Indices::new(labels.to_vec(), N_IMAGES),
    }
}

const BYTES: &[u8; N_IMAGES * (N_PIXELS + 1)] = include_bytes!("digits/digits.bin");
const N_IMAGES: usize = 1797;
const N_PIXELS: usize = 64;
