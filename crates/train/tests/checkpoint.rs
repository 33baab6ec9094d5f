//! Training that is interrupted goes on with the same bits.

use wengert_io::{IoErrorKind, load_parameters};
use wengert_nn::{CategoricalCrossentropy, Dense, Sequential};
use wengert_optim::{Adam, Cosine, Lamb, Muon, Nadam, Optimizer, RMSprop, Schedule, Sgd, Tune};
use wengert_tensor::{Module, Rng, Tensor};
use wengert_train::{Compile, Compiled, Fit};

fn data() -> (Tensor, Tensor) {
    let mut rng = Rng::seed(8);
    let x = Tensor::randn([50, 4], &mut rng);
    let y = Tensor::one_hot(&(0..50).map(|_| rng.below(3)).collect::<Vec<usize>>().into(), 3);
    (x, y)
}

fn model(units: usize, optimizer: Box<dyn Optimizer>) -> Compiled<Sequential> {
    let (hidden, output) = (Dense::units(units).tanh(), Dense::units(3).softmax());
    Sequential::new([4]).add(hidden).add(output).compile(optimizer, CategoricalCrossentropy::new())
}

fn bits(model: &Compiled<Sequential>) -> Vec<Vec<u32>> {
    let bits = |tensor: &Tensor| tensor.to_vec::<f32>().into_iter().map(f32::to_bits).collect();
    model.parameters().iter().map(|(_, param)| bits(param)).collect()
}

/// Seven batches an epoch, so that the gradients of one wait for the next where two make an update.
#[test]
fn three_epochs_and_two_are_five() {
    let (x, y) = data();
    let optimizers: [fn() -> Box<dyn Optimizer>; 6] = [
        || Box::new(Sgd::new(0.1).momentum(0.9).nesterov()),
        || Box::new(Adam::new(0.01).amsgrad().schedule(Cosine::new(0.01, 30).warmup(5))),
        || Box::new(Adam::new(0.01).accumulate(2).average(0.9).clip_global_norm(0.1)),
        || Box::new(Nadam::new(0.01).weight_decay(0.01)),
        || Box::new(RMSprop::new(0.01).momentum(0.9).centered()),
        || Box::new(Muon::new(0.01)),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (index, optimizer) in optimizers.into_iter().enumerate() {
        let fit = |model: &mut Compiled<Sequential>, epochs: usize| {
            let fit = Fit::epochs(epochs).batch_size(8).seed(3).verbose(0);
            model.fit(&x, &y, fit).unwrap()["loss"].iter().map(|loss| loss.to_bits()).collect::<Vec<u64>>()
        };
        let file = folder.path().join(format!("{index}.safetensors"));
        let (mut whole, mut first) = (model(6, optimizer()), model(6, optimizer()));
        let losses = fit(&mut whole, 5);
        fit(&mut first, 3);
        first.save_checkpoint(&file).unwrap();
        let mut second = model(6, optimizer());
        second.load_checkpoint(&file).unwrap();
        assert_eq!(fit(&mut second, 2), losses[3..], "{index}");
        assert_eq!(bits(&second), bits(&whole), "{index}");
        // The model of a checkpoint can be had alone.
        let mut alone = model(6, optimizer());
        load_parameters(alone.model_mut(), &file).unwrap();
        assert_eq!(bits(&alone), bits(&first), "{index}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let (x, y) = data();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.safetensors");
    let mut adam = model(6, Box::new(Adam::default()));
    adam.fit(&x, &y, Fit::epochs(1).verbose(0)).unwrap();
    adam.save_checkpoint(&file).unwrap();
    let refused = |mut model: Compiled<Sequential>, file: &std::path::Path| {
        let before = (bits(&model), format!("{:?}", model.optimizer()));
        let error = model.load_checkpoint(file).unwrap_err();
        assert_eq!((bits(&model), format!("{:?}", model.optimizer())), before);
        let message = error.to_string();
        (error.kind(), message.lines().filter(|line| !line.contains("file  ")).collect::<Vec<_>>().join("\n"))
    };
    let (kind, message) = refused(model(6, Box::new(Lamb::default())), &file);
    assert_eq!(kind, IoErrorKind::Fit);
    assert_eq!(message, "load: the state is that of another optimizer\n  state  adam   <- expected lamb");
    let (kind, message) = refused(model(7, Box::new(Adam::default())), &file);
    assert_eq!(kind, IoErrorKind::Fit);
    assert!(message.starts_with("load: the file does not fit the model\n"), "{message}");
    wengert_io::save_parameters(adam.model(), &file).unwrap();
    let (kind, message) = refused(model(6, Box::new(Adam::default())), &file);
    assert_eq!(kind, IoErrorKind::Format);
    assert_eq!(
        message,
        "load: the file holds no checkpoint of training\n  metadata  no optimizer   <- expected that of a checkpoint\n  \
         help: `load_parameters` fills a model alone"
    );
}
