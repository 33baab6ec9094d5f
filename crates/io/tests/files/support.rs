//! Models and files that several tests need.

use serde_json::Value;
use wengert_io::IoError;
use wengert_nn::{Dense, Sequential};
use wengert_tensor::{Buffer, Generator, Module, Param, Rng, Tensor};

/// A model with parts of every kind.
#[derive(Module, Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) layers: Vec<Dense>,
    pub(crate) scale: Option<Param>,
    pub(crate) mean: Buffer,
    pub(crate) dropout: Generator,
}

pub(crate) fn parts(seed: u64) -> Parts {
    let mut rng = Rng::seed(seed);
    Parts {
        layers: vec![Dense::new(2, 3, &mut rng), Dense::new(3, 1, &mut rng)],
        scale: Some(Param::new(Tensor::randn([3], &mut rng)).frozen()),
        mean: Buffer::new(Tensor::randn([2], &mut rng)),
        dropout: Generator::from_state((u64::MAX - seed, 120)),
    }
}

pub(crate) fn mlp(seed: u64) -> Sequential {
    Sequential::new([4]).seed(seed).add(Dense::units(5).relu()).add(Dense::units(3).softmax())
}

/// A safetensors file with this header.
pub(crate) fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// A file without tensors that holds this text as our part of the metadata.
pub(crate) fn file_with_document(text: &str) -> Vec<u8> {
    file(&serde_json::json!({ "__metadata__": { "wengert": text } }).to_string(), &[])
}

/// A file without tensors that describes a model by this configuration.
pub(crate) fn file_with_config(config: &Value) -> Vec<u8> {
    let model = serde_json::json!({ "kind": "Sequential", "config": config });
    let document = serde_json::json!({ "format": 1, "generators": {}, "model": model, "frozen": [] });
    file_with_document(&document.to_string())
}

/// Compares the message, in which `{}` stands for the file's name.
#[track_caller]
pub(crate) fn check_message<T>(result: Result<T, IoError>, expected: &str) {
    let Err(error) = result else { panic!("no error, expected {expected}") };
    let file = error.file().map(|file| file.display().to_string()).unwrap_or_default();
    assert_eq!(error.to_string(), expected.replace("{}", &file));
}
