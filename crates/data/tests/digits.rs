//! The embedded digits are those that `src/digits/README.md` describes.

use wengert_data::digits;

const BYTES: &[u8] = include_bytes!("../src/digits/digits.bin");

#[test]
fn the_file_is_the_one_described() {
    let fnv_1a = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    assert_eq!(BYTES.iter().fold(0xcbf2_9ce4_8422_2325, fnv_1a), 0x9975_5255_092d_82a1);
    assert_eq!(BYTES.len(), 116_805);
}

#[test]
fn images_and_labels_are_those_of_the_file() {
    let digits = digits();
    assert_eq!(*digits.images.shape(), [1797, 64]);
    assert_eq!(*digits.labels.shape(), [1797]);
    let pixels = digits.images.to_vec::<f64>();
    assert!(pixels.iter().zip(BYTES).all(|(&pixel, &byte)| pixel * 16.0 == f64::from(byte)));
    assert_eq!(pixels.iter().sum::<f64>() * 16.0, 561_718.0);
    let sums = [0, 1, 1796].map(|row| pixels[row * 64..(row + 1) * 64].iter().sum::<f64>() * 16.0);
    assert_eq!(sums, [294.0, 313.0, 392.0]);
}

#[test]
fn labels_are_counted_as_described() {
    let labels = digits().labels;
    let mut counts = [0; 10];
    labels.iter().for_each(|label| counts[label] += 1);
    assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert_eq!(labels.as_slice()[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    assert_eq!(labels.as_slice()[1792..], [9, 0, 8, 9, 8]);
}
