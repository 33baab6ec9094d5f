//! What a record of an event file holds: the few messages of TensorFlow's protocol that scalars and histograms need. How
//! records are framed stands in `record.rs`.
//!
//! Fields and numbers are those of `event.proto`, `summary.proto`, `tensor.proto` and `tensor_shape.proto` of TensorFlow; how
//! fields are written is the encoding of Protocol Buffers.

/// A message that grows by fields.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    /// Seven bits to a byte, the lowest first, and a bit that says whether more follow.
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn number(mut self, field: u64, number: u64) -> Message {
        self.varint(field << 3);
        self.varint(number);
        self
    }

    fn double(mut self, field: u64, number: f64) -> Message {
        self.varint(field << 3 | 1);
        self.0.extend(number.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Message {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn message(self, field: u64, message: Message) -> Message {
        self.bytes(field, &message.0)
    }
}

/// The first event of a file: the version of the format, and who wrote it.
pub(super) fn first(seconds: f64) -> Vec<u8> {
    let writer = Message::default().bytes(1, b"wengert");
    Message::default().double(1, seconds).bytes(3, b"brain.Event:2").message(10, writer).0
}

/// Numbers with their names at a step.
pub(super) fn scalars<'n>(
    seconds: f64,
    step: usize,
    scalars: impl IntoIterator<Item = (&'n str, f64)>,
) -> Vec<u8> {
    let mut summary = Message::default();
    for (tag, number) in scalars {
        let tensor =
            Message::default().number(1, FLOAT).bytes(2, &[]).bytes(5, &(number as f32).to_le_bytes());
        summary = summary.message(1, value(tag, tensor, "scalars", SCALAR));
    }
    event(seconds, step, summary)
}

/// How numbers are distributed, with a name for each of several such, at a step.
pub(super) fn histograms<'n>(
    seconds: f64,
    step: usize,
    histograms: impl IntoIterator<Item = (&'n str, [[f64; 3]; N_BUCKETS])>,
) -> Vec<u8> {
    let mut summary = Message::default();
    for (tag, buckets) in histograms {
        let axis = |length: usize| Message::default().number(1, length as u64);
        let shape = Message::default().message(2, axis(N_BUCKETS)).message(2, axis(3));
        let numbers: Vec<u8> =
            buckets.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
        let tensor = Message::default().number(1, DOUBLE).message(2, shape).bytes(4, &numbers);
        summary = summary.message(1, value(tag, tensor, "histograms", TENSOR));
    }
    event(seconds, step, summary)
}

/// As many as TensorBoard's own histograms have.
pub(super) const N_BUCKETS: usize = 30;

/// The type of the numbers of a tensor.
const FLOAT: u64 = 1;
const DOUBLE: u64 = 2;
/// What kind of data a value is for those who do not know the plugin.
const SCALAR: u64 = 1;
const TENSOR: u64 = 2;

fn value(tag: &str, tensor: Message, plugin: &str, class: u64) -> Message {
    let plugin = Message::default().bytes(1, plugin.as_bytes());
    let metadata = Message::default().message(1, plugin).number(4, class);
    Message::default().bytes(1, tag.as_bytes()).message(8, tensor).message(9, metadata)
}

fn event(seconds: f64, step: usize, summary: Message) -> Vec<u8> {
    Message::default().double(1, seconds).number(2, step as u64).message(5, summary).0
}

/// Buckets of the same width from the least to the largest number: where each begins and ends, and how many lie in it. If
/// all are the same, the last bucket has them. What is not finite is in none.
pub(super) fn buckets(numbers: &[f64]) -> [[f64; 3]; N_BUCKETS] {
    let finite = || numbers.iter().copied().filter(|x| x.is_finite());
    let (low, high) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let mut buckets = [[0.0; 3]; N_BUCKETS];
    if low > high {
        return buckets;
    }
    // The half of each, because their difference may be larger than any number.
    let width = (high / 2.0 - low / 2.0) / N_BUCKETS as f64 * 2.0;
    for (place, [left, right, _]) in buckets.iter_mut().enumerate() {
        *left = low + width * place as f64;
        *right = if place + 1 == N_BUCKETS { high } else { low + width * (place + 1) as f64 };
    }
    for x in finite() {
        let place = if width > 0.0 { ((x - low) / width).floor() as usize } else { N_BUCKETS };
        buckets[place.min(N_BUCKETS - 1)][2] += 1.0;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::super::record::framed;
    use super::*;

    /// A line for each record, with what made it, from TensorBoard's own messages and its `RecordWriter`.
    #[track_caller]
    fn check(name: &str, bytes: &[u8]) {
        let golden = include_str!("../../../tests/golden/tensorboard.txt");
        let line = golden.lines().find_map(|line| line.strip_prefix(name)).expect("a record of that name");
        let hex: String = framed(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, line.trim(), "{name}");
    }

    #[test]
    fn records_are_those_of_tensorboard() {
        check("first", &first(1.5));
        check("scalars", &scalars(2.5, 300, [("epoch_loss", 0.25), ("epoch_accuracy", 0.75)]));
        let numbers = [0.0, 1.0, 1.0, 4.0, -2.0, 0.25, 28.0];
        check("histograms", &histograms(2.5, 1, [("dense/weight/histogram", buckets(&numbers))]));
    }

    #[test]
    fn buckets_count_every_number_once() {
        let one = buckets(&[2.0, 2.0, f64::NAN]);
        assert_eq!((one[0], one[29]), ([2.0, 2.0, 0.0], [2.0, 2.0, 2.0]));
        assert_eq!(buckets(&[]), [[0.0; 3]; N_BUCKETS]);
        assert_eq!(buckets(&[f64::INFINITY]), [[0.0; 3]; N_BUCKETS]);
        let wide = buckets(&[-f64::MAX, 0.0, f64::MAX]);
        assert_eq!((wide[0][0], wide[29][1]), (-f64::MAX, f64::MAX));
        assert_eq!(wide.iter().map(|bucket| bucket[2]).sum::<f64>(), 3.0);
    }
}
