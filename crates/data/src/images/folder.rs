//! A folder of pictures in which each class has a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use wengert_array::Mismatch;
use wengert_tensor::{Indices, Shape, Tensor};

use super::picture::{Channels, in_channels, resized};
use super::{png, read_png_with};
use crate::files::{FileError, FileErrorKind, Limit, system};
use crate::{DataError, Dataset, Rows};

/// PNG pictures in folders that are named after their classes: `flowers/rose/1.png`, `flowers/tulip/7.png`.
///
/// Classes and files are taken in the order of their names, as Keras' `image_dataset_from_directory` does; class 0 is
/// the first. Names that begin with a dot are left aside. Pictures are numbers from 0 to 1, where Keras has 0 to 255,
/// and keep their size and channels unless said otherwise, where Keras makes them 256 x 256 of 3 channels.
///
/// [`read`](ImageFolder::read) takes all into memory; a [`Loader`](crate::Loader) takes one after the other.
///
/// # Examples
/// ```no_run
/// use wengert_data::ImageFolder;
/// let flowers = ImageFolder::open("flowers")?.size(64, 64).rgb();
/// let (x, y) = flowers.read()?;                          // [n, 64, 64, 3], [n]
/// println!("{:?}", flowers.classes());
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFolder {
    classes: Vec<String>,
    files: Vec<(PathBuf, usize)>,
    channels: Option<Channels>,
    size: Option<(usize, usize)>,
    limit: Limit,
    /// That of the first picture, once it was read with the settings above.
    shape: OnceLock<Shape>,
}

impl ImageFolder {
    /// The pictures of a folder. None is read yet.
    ///
    /// # Errors
    /// If the folder cannot be read, has no folders of classes, or one of these holds something else than PNG files.
    pub fn open(folder: impl AsRef<Path>) -> Result<ImageFolder, DataError> {
        let folder = folder.as_ref();
        let (mut classes, mut files) = (Vec::new(), Vec::new());
        for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            for file in entries(&path)? {
                check_ending(&file)?;
                files.push((file, classes.len()));
            }
            classes.push(path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned()));
        }
        if files.is_empty() {
            let problem =
                Mismatch::new("there are no pictures").row("found", format!("{} folders", classes.len()));
            let problem = problem.note("expected a folder of PNG files for each class");
            return Err(FileError::new("images", FileErrorKind::Content, problem).of(folder).into());
        }
        Ok(ImageFolder {
            classes,
            files,
            channels: None,
            size: None,
            limit: Limit::default(),
            shape: OnceLock::new(),
        })
    }

    /// All pictures in one size: bilinear, without smoothing, as in Keras. The ratio of the sides may change.
    ///
    /// # Panics
    /// If a size is 0.
    #[track_caller]
    pub fn size(self, height: usize, width: usize) -> ImageFolder {
        assert!(
            height > 0 && width > 0,
            "size: {height} x {width} pixels are no picture, expected at least 1 x 1"
        );
        ImageFolder { size: Some((height, width)), shape: OnceLock::new(), ..self }
    }

    /// All pictures in one channel: 0.299 red + 0.587 green + 0.114 blue. Transparency is left aside.
    pub fn grayscale(self) -> ImageFolder {
        ImageFolder { channels: Some(Channels::Gray), shape: OnceLock::new(), ..self }
    }

    /// All pictures in three channels. Transparency is left aside.
    pub fn rgb(self) -> ImageFolder {
        ImageFolder { channels: Some(Channels::Rgb), shape: OnceLock::new(), ..self }
    }

    /// Another limit on the bytes that one picture may take.
    pub fn limit(self, limit: Limit) -> ImageFolder {
        ImageFolder { limit, ..self }
    }

    /// The names of the classes, in the order of their labels.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none, which [`open`](ImageFolder::open) refuses.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// All pictures and their labels.
    ///
    /// # Shape
    /// `[n, height, width, channels]` and `[n]`
    ///
    /// # Errors
    /// If a file is damaged, or the pictures differ in shape, which [`size`](ImageFolder::size),
    /// [`rgb`](ImageFolder::rgb) and [`grayscale`](ImageFolder::grayscale) cure.
    pub fn read(&self) -> Result<(Tensor, Indices), DataError> {
        let pictures = (0..self.len()).map(|place| self.piece(place)).collect::<Result<Vec<_>, _>>()?;
        Rows::joined(&pictures)
    }

    fn picture(&self, path: &Path) -> Result<Tensor, DataError> {
        let picture = read_png_with(path, self.limit)?;
        let picture = self.channels.map_or(picture.clone(), |channels| in_channels(&picture, channels));
        Ok(self.size.map_or(picture.clone(), |(height, width)| resized(&picture, height, width)))
    }

    /// All pictures must have the shape of the first.
    fn check_shape(&self, path: &Path, picture: &Tensor) -> Result<(), DataError> {
        let first = &self.files[0].0;
        let expected = self.shape_of_first()?;
        if *picture.shape() == expected {
            return Ok(());
        }
        let problem = Mismatch::new("the pictures differ in shape").row("shape", picture.shape());
        let problem = problem.note(format!("expected {expected}, that of {}", first.display()));
        let error = FileError::new(png::FORMAT, FileErrorKind::Content, problem).of(path);
        Err(error.help("`ImageFolder::size` with `rgb` or `grayscale` makes them alike").into())
    }

    fn shape_of_first(&self) -> Result<Shape, DataError> {
        if let Some(shape) = self.shape.get() {
            return Ok(*shape);
        }
        // Several threads may come here at once, and find the same.
        let shape = *self.picture(&self.files[0].0)?.shape();
        Ok(*self.shape.get_or_init(|| shape))
    }
}

impl Dataset for ImageFolder {
    type Piece = (Tensor, Indices);

    fn n_pieces(&self) -> usize {
        self.len()
    }

    fn piece(&self, place: usize) -> Result<(Tensor, Indices), DataError> {
        let (path, class) = &self.files[place];
        let picture = self.picture(path)?;
        self.check_shape(path, &picture)?;
        let shape = picture.shape().insert(0, 1);
        Ok((picture.reshape(shape), Indices::from([*class])))
    }
}

/// What a folder holds, in the order of the names, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let unreadable = |error: std::io::Error| system("images", &error).of(folder);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn check_ending(path: &Path) -> Result<(), DataError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy());
    if ending.as_ref().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        return Ok(());
    }
    let found = ending.map_or("none".to_string(), |ending| format!(".{ending}"));
    Err(FileError::unsupported("images", "ending", found, "expected .png").of(path).into())
}
