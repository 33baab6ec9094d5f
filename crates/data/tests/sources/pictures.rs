//! PNG files of every kind, and folders of them.

use std::fs;

use crate::support::{check_message, golden, golden_json, numbers, sizes};
use wengert_data::{Dataset, ImageFolder, Limit, Loader, png_from_bytes, read_png, read_png_with};

#[test]
fn pictures_have_the_samples_of_the_encoder() {
    let expected = golden_json("pictures.json");
    let expected = expected.as_object().unwrap();
    assert_eq!(fs::read_dir(golden("pictures")).unwrap().count(), expected.len());
    for (name, expected) in expected {
        let picture = read_png(golden("pictures").join(format!("{name}.png"))).unwrap();
        assert_eq!(picture.shape().to_vec(), sizes(&expected["shape"]), "{name}");
        let most = expected["max"].as_f64().unwrap() as f32;
        let samples: Vec<f32> = numbers(&expected["values"]).iter().map(|&x| x as f32 / most).collect();
        assert_eq!(picture.to_vec::<f32>(), samples, "{name}");
    }
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

/// The chunks of a file, each with its right checksum.
fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        let named = [&name[..], data].concat();
        bytes.extend([&(data.len() as u32).to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat());
    }
    bytes
}

/// A zlib stream that holds these bytes as they are.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let n = bytes.len() as u16;
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    [&[0x78, 1, 1][..], &n.to_le_bytes(), &(!n).to_le_bytes(), bytes, &(b << 16 | a).to_be_bytes()].concat()
}

/// Width, height, bits, colour type.
fn header(width: u32, height: u32, depth: u8, color: u8) -> Vec<u8> {
    [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, color, 0, 0, 0]].concat()
}

#[test]
fn wrong_pictures_are_refused() {
    let gray = header(2, 1, 8, 0);
    let whole = png(&[(b"IHDR", &gray), (b"IDAT", &zlib(&[0, 0, 255])), (b"IEND", &[])]);
    assert_eq!(png_from_bytes(&whole).unwrap().to_vec::<f32>(), [0.0, 1.0]);

    let with = |header: &[u8], chunks: &[(&[u8; 4], &[u8])]| {
        png(&[&[(b"IHDR", header)], chunks, &[(b"IEND", &[][..])]].concat())
    };
    let data = |header: &[u8], lines: &[u8]| with(header, &[(b"IDAT", &zlib(lines))]);
    let invalid = "png: this is no valid png file\n  ";
    let unsupported = "png: what the file holds is not supported\n  ";
    for (bytes, expected) in [
        (
            b"GIF89a..".to_vec(),
            format!("{invalid}begins with  `GIF89a..`   <- expected the signature of PNG"),
        ),
        (
            b"\x89PN".to_vec(),
            "png: the file is cut off\n  length  3 bytes   <- expected at least 8".to_string(),
        ),
        (png(&[(b"IDAT", &[])]), format!("{invalid}first chunk  IDAT   <- expected IHDR")),
        (png(&[(b"IHDR", &[1, 2])]), format!("{invalid}header  2 bytes   <- expected 13")),
        (
            data(&header(0, 1, 8, 0), &[]),
            format!("{invalid}header  0 x 1 pixels   <- expected 1 to 2147483647 each"),
        ),
        (
            data(&header(1, 1, 4, 2), &[]),
            format!("{invalid}header  colour type 2 of 4 bits   <- expected one that exists"),
        ),
        (
            data(&[&header(1, 1, 8, 0)[..12], &[2]].concat(), &[]),
            format!("{unsupported}header  methods 0, 0, 2   <- expected 0, 0 and 0 or 1"),
        ),
        (with(&gray, &[(b"ABCD", &[])]), format!("{unsupported}chunk  ABCD   <- expected a known one")),
        (data(&gray, &[0, 1]), format!("{invalid}pixels  2 bytes   <- expected 3")),
        (data(&gray, &[0, 1, 2, 3]), format!("{invalid}pixels  more than 3 bytes   <- expected as many")),
        (data(&gray, &[5, 1, 2]), format!("{invalid}filter  5   <- expected 0 to 4")),
        (with(&gray, &[]), "png: the file is cut off\n  packed data  no end".to_string()),
        (
            with(&header(1, 1, 8, 3), &[(b"PLTE", &[1, 2, 3]), (b"IDAT", &zlib(&[0, 1]))]),
            format!("{invalid}pixel  colour 1   <- expected one of the 1 of the palette"),
        ),
        (
            with(&header(1, 1, 8, 3), &[(b"PLTE", &[1, 2])]),
            format!("{invalid}palette  2 bytes   <- expected 3 for each of 1 to 256 colours"),
        ),
    ] {
        check_message(png_from_bytes(&bytes), &expected);
    }
    let mut wrong = zlib(&[0, 0, 255]);
    *wrong.last_mut().unwrap() ^= 1;
    check_message(
        png_from_bytes(&with(&gray, &[(b"IDAT", &wrong)])),
        &format!("{invalid}checksum  another   <- expected that of the data"),
    );
    let mut wrong = whole;
    let at = wrong.len() - 1;
    wrong[at] ^= 1;
    check_message(
        png_from_bytes(&wrong),
        &format!("{invalid}checksum  another for IEND   <- expected that of the data"),
    );
}

#[test]
fn a_huge_picture_is_refused_before_memory_is_taken() {
    let bytes = png(&[(b"IHDR", &header(i32::MAX as u32, i32::MAX as u32, 16, 6)), (b"IEND", &[])]);
    let expected = "png: the file unpacks to more than is allowed
  unpacked  more than 67108864 bytes   <- expected at most that
  help: `Limit::bytes` allows more";
    check_message(png_from_bytes(&bytes), expected);

    let path = golden("pictures/rgb8.png");
    let n_bytes = read_png(&path).unwrap().size() as u64 * 4;
    assert!(read_png_with(&path, Limit::bytes(n_bytes)).is_ok());
    check_message(
        read_png_with(&path, Limit::bytes(n_bytes - 1)),
        &format!(
            "png: the file unpacks to more than is allowed\n  file      {{}}\n  unpacked  more than {} bytes   \
             <- expected at most that\n  help: `Limit::bytes` allows more",
            n_bytes - 1
        ),
    );
}

/// Two classes with three pictures of the golden files, and a file that is hidden.
fn folder(names: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (class, name) in names {
        fs::create_dir_all(folder.path().join(class)).unwrap();
        fs::copy(golden("pictures").join(name), folder.path().join(class).join(name)).unwrap();
    }
    fs::write(folder.path().join("README.txt"), "not a class").unwrap();
    folder
}

const MIXED: [(&str, &str); 3] = [("b", "rgb8.png"), ("a", "pillow.png"), ("b", "gray8_interlaced.png")];

#[test]
fn a_folder_gives_pictures_by_class() {
    let folder = folder(&MIXED);
    fs::write(folder.path().join("a/.hidden"), "").unwrap();
    let pictures = ImageFolder::open(folder.path()).unwrap();
    assert_eq!(pictures.classes(), ["a", "b"]);
    assert_eq!((pictures.len(), pictures.is_empty()), (3, false));

    let (x, y) = pictures.clone().size(4, 6).rgb().read().unwrap();
    assert_eq!(*x.shape(), [3, 4, 6, 3]);
    assert_eq!(y.as_slice(), [0, 1, 1]);
    let (x, _) = pictures.clone().size(4, 6).grayscale().read().unwrap();
    assert_eq!(*x.shape(), [3, 4, 6, 1]);

    let loader = Loader::new(pictures.size(2, 2).grayscale(), 2).unwrap().workers(2);
    let batches: Vec<_> = loader.epoch(0).map(|batch| batch.unwrap().1.as_slice().to_vec()).collect();
    assert_eq!(batches, [vec![0, 1], vec![1]]);
}

#[test]
fn pictures_of_one_kind_need_no_setting() {
    let folder = folder(&[("a", "rgb8.png"), ("b", "rgb8.png")]);
    let pictures = ImageFolder::open(folder.path()).unwrap();
    let (x, y) = pictures.read().unwrap();
    assert_eq!((x.shape().to_vec(), y.as_slice()), (vec![2, 7, 5, 3], &[0, 1][..]));
    let alone = read_png(golden("pictures/rgb8.png")).unwrap();
    assert_eq!(pictures.piece(1).unwrap().0.to_vec::<f32>(), alone.to_vec::<f32>());
}

#[test]
fn wrong_folders_are_refused() {
    let mixed = folder(&MIXED);
    let first = mixed.path().join("a/pillow.png");
    let expected = format!(
        "png: the pictures differ in shape\n  file   {{}}\n  shape  [11, 9, 1]   <- expected [6, 4, 3], that of {}\n  \
         help: `ImageFolder::size` with `rgb` or `grayscale` makes them alike",
        first.display()
    );
    check_message(ImageFolder::open(mixed.path()).unwrap().read(), &expected);

    let empty = tempfile::tempdir().unwrap();
    check_message(
        ImageFolder::open(empty.path()),
        "images: there are no pictures\n  file   {}\n  found  0 folders   <- expected a folder of PNG files for each class",
    );
    fs::create_dir(empty.path().join("a")).unwrap();
    fs::write(empty.path().join("a/1.jpg"), "").unwrap();
    check_message(
        ImageFolder::open(empty.path()),
        "images: what the file holds is not supported\n  file    {}\n  ending  .jpg   <- expected .png",
    );
    let system = std::io::Error::from_raw_os_error(2);
    check_message(
        ImageFolder::open(empty.path().join("no")),
        &format!("images: the file cannot be read\n  file    {{}}\n  reason  {system}"),
    );
}

#[test]
#[should_panic(expected = "size: 0 x 4 pixels are no picture, expected at least 1 x 1")]
fn a_picture_has_a_size() {
    let folder = folder(&MIXED);
    let _ = ImageFolder::open(folder.path()).unwrap().size(0, 4);
}
