//! Reading any layout as contiguous chunks of the elements in row-major order, for kernels that know only slices.

use std::ops::Range;

use crate::array::Array;
use crate::dtype::Float;
use crate::operands::{MOST, list};
use crate::shape::{MAX_RANK, Shape};

/// How many elements a chunk has at most: small enough that the chunks of all operands stay in the first cache.
pub(crate) const CHUNK: usize = 512;

/// One operand, broadcast to the shape that a kernel walks over.
pub(crate) enum Source<'a, T> {
    /// All elements, one after the other.
    Flat(&'a [T]),
    /// One element, repeated.
    Constant(T),
    /// Anything else.
    Strided(Strided<'a, T>),
}

/// A strided operand whose neighbouring axes are merged where one stride continues the other.
pub(crate) struct Strided<'a, T> {
    data: &'a [T],
    offset: i64,
    rank: usize,
    /// Innermost axis first.
    sizes: [usize; MAX_RANK],
    strides: [i64; MAX_RANK],
}

impl<T> Default for Source<'_, T> {
    /// Of no elements.
    fn default() -> Self {
        Source::Flat(&[])
    }
}

impl<'a, T: Float> Source<'a, T> {
    /// Reads `array`, whose elements are of type `T`, broadcast to `shape`.
    #[inline]
    pub(crate) fn new(array: &'a Array, shape: &Shape) -> Source<'a, T> {
        let data = array.elements::<T>();
        let (n, layout) = (array.size(), &array.layout);
        if layout.contiguous && n == shape.size() {
            Source::Flat(&data[layout.range()])
        } else if n == 1 {
            Source::Constant(data[layout.offset as usize])
        } else {
            Strided::source(array, data, shape)
        }
    }

    /// The elements `start..start + n`, copied into `buffer` only if they do not lie together. The buffer is one that
    /// [`Source::fill`] has seen, and has room for as many unless the operand is flat.
    #[inline]
    pub(crate) fn read<'b>(&'b self, start: usize, n: usize, buffer: &'b mut [T]) -> &'b [T] {
        match self {
            Source::Flat(data) => &data[start..start + n],
            Source::Constant(_) => &buffer[..n],
            Source::Strided(strided) => match strided.run(start, n) {
                Some(run) => run,
                None => {
                    strided.copy_to(start, &mut buffer[..n]);
                    &buffer[..n]
                }
            },
        }
    }

    /// Makes a buffer ready for [`Source::read`]: it holds the element already if there is only one.
    #[inline]
    pub(crate) fn fill(&self, buffer: &mut [T]) {
        if let Source::Constant(value) = self {
            buffer.fill(*value);
        }
    }

    /// Whether [`Source::read`] needs no buffer.
    #[inline]
    pub(crate) fn is_flat(&self) -> bool {
        matches!(self, Source::Flat(_))
    }

    /// Copies the elements from `start` on.
    pub(crate) fn copy_to(&self, start: usize, out: &mut [T]) {
        match self {
            Source::Flat(data) => out.copy_from_slice(&data[start..start + out.len()]),
            Source::Constant(value) => out.fill(*value),
            Source::Strided(strided) => strided.copy_to(start, out),
        }
    }

    /// Walks over `out` together with the elements.
    pub(crate) fn for_each_chunk<U>(&self, out: &mut [U], mut each: impl FnMut(&mut [U], &[T])) {
        let mut buffer = [T::zero(); CHUNK];
        self.fill(&mut buffer);
        for (index, chunk) in out.chunks_mut(CHUNK).enumerate() {
            let n = chunk.len();
            each(chunk, self.read(index * CHUNK, n, &mut buffer));
        }
    }

    /// The length of the runs in which a chunk could be read without a copy, if that matters.
    pub(crate) fn run_length(&self) -> Option<usize> {
        match self {
            Source::Strided(strided) => Some(strided.sizes[0]),
            _ => None,
        }
    }
}

/// Operands that are read one chunk after the other, all the same, with the memory for those that have to be copied.
pub(crate) struct Reader<'a, T> {
    pub(crate) sources: &'a [Source<'a, T>],
    buffers: [&'a mut [T]; MOST],
    /// How many elements a chunk has.
    pub(crate) chunk: usize,
}

/// How much memory a [`Reader`] has.
pub(crate) const SCRATCH: usize = 2 * CHUNK;

impl<'a, T: Float> Reader<'a, T> {
    /// A reader whose buffers share `scratch`.
    pub(crate) fn new(sources: &'a [Source<'a, T>], scratch: &'a mut [T]) -> Reader<'a, T> {
        let chunk = chunk_length(sources, scratch.len());
        let mut rest = scratch.chunks_mut(chunk);
        let buffers = list(sources.iter().map(|source| {
            if source.is_flat() {
                return Default::default();
            }
            let buffer = rest.next().unwrap_or_default();
            source.fill(buffer);
            buffer
        }));
        Reader { sources, buffers, chunk }
    }

    /// A range of each, at most [`chunk`](Reader::chunk) elements.
    pub(crate) fn read(&mut self, range: Range<usize>) -> [&[T]; MOST] {
        let pairs = self.sources.iter().zip(&mut self.buffers);
        list(pairs.map(|(source, buffer)| source.read(range.start, range.len(), buffer)))
    }
}

/// How many operands do not lie in memory as they are read.
pub(crate) fn n_buffers<T: Float>(sources: &[Source<'_, T>]) -> usize {
    sources.iter().filter(|source| !source.is_flat()).count()
}

/// As many elements as a chunk may have where all buffers share `scratch` elements, or one row of a strided operand if
/// that saves copying the row.
fn chunk_length<T: Float>(sources: &[Source<'_, T>], scratch: usize) -> usize {
    let most = CHUNK.min(scratch / n_buffers(sources).max(1));
    let runs = sources.iter().filter_map(Source::run_length);
    runs.filter(|run| (CHUNK / 2..=most).contains(run)).min().unwrap_or(most)
}

impl<'a, T: Float> Strided<'a, T> {
    fn source(array: &Array, data: &'a [T], shape: &Shape) -> Source<'a, T> {
        let strides = array.layout.broadcast_strides(shape);
        let offset = i64::from(array.layout.offset);
        let mut strided = Strided { data, offset, rank: 0, sizes: [1; MAX_RANK], strides: [0; MAX_RANK] };
        for axis in (0..shape.len()).rev() {
            strided.push(shape[axis], i64::from(strides[axis]));
        }
        match (strided.rank, strided.strides[0]) {
            (0 | 1, 0) if shape.size() > 0 => Source::Constant(data[offset as usize]),
            _ => Source::Strided(strided),
        }
    }

    /// Adds the next outer axis, merged into the one before if its stride continues that.
    fn push(&mut self, size: usize, stride: i64) {
        if size == 1 {
            return;
        }
        if let Some(inner) = self.rank.checked_sub(1)
            && stride == self.strides[inner] * self.sizes[inner] as i64
        {
            self.sizes[inner] *= size;
            return;
        }
        self.sizes[self.rank] = size;
        self.strides[self.rank] = stride;
        self.rank += 1;
    }

    /// The place in the buffer of the row that holds element `start`, the index within the row, and the indices of
    /// the outer axes.
    fn locate(&self, start: usize) -> (i64, usize, [usize; MAX_RANK]) {
        let mut index = [0; MAX_RANK];
        let mut rest = start;
        for (index, size) in index.iter_mut().zip(&self.sizes[..self.rank]) {
            *index = rest % size;
            rest /= size;
        }
        let outer = index.iter().zip(&self.strides).skip(1);
        let row = self.offset + outer.map(|(&index, stride)| index as i64 * stride).sum::<i64>();
        (row, index[0], index)
    }

    /// The elements, if they lie one after the other.
    fn run(&self, start: usize, n: usize) -> Option<&'a [T]> {
        if self.strides[0] != 1 {
            return None;
        }
        let (row, first, _) = self.locate(start);
        let place = row as usize + first;
        (first + n <= self.sizes[0]).then(|| &self.data[place..place + n])
    }

    fn copy_to(&self, start: usize, mut out: &mut [T]) {
        if out.is_empty() {
            return;
        }
        let (mut row, mut first, mut index) = self.locate(start);
        loop {
            let n = out.len().min(self.sizes[0] - first);
            let (now, later) = out.split_at_mut(n);
            self.copy_row(row + first as i64 * self.strides[0], now);
            if later.is_empty() {
                return;
            }
            out = later;
            first = 0;
            row = self.next_row(row, &mut index);
        }
    }

    fn next_row(&self, mut row: i64, index: &mut [usize; MAX_RANK]) -> i64 {
        let axes = index.iter_mut().zip(&self.sizes).zip(&self.strides);
        for ((index, &size), stride) in axes.skip(1).take(self.rank - 1) {
            *index += 1;
            row += stride;
            if *index < size {
                break;
            }
            *index = 0;
            row -= stride * size as i64;
        }
        row
    }

    fn copy_row(&self, start: i64, out: &mut [T]) {
        match self.strides[0] {
            0 => out.fill(self.data[start as usize]),
            1 => out.copy_from_slice(&self.data[start as usize..][..out.len()]),
            stride => {
                let mut place = start;
                for element in out {
                    *element = self.data[place as usize];
                    place += stride;
                }
            }
        }
    }
}
