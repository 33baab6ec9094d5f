//! The kinds of layers of this crate, as a configuration names them.

use crate::branches::Join;
use crate::{
    Activation, BatchNorm, Branches, Dense, Dropout, Embedding, Flatten, GaussianNoise, GroupNorm, LayerNorm,
    PRelu, Permute, Registry, Reshape, Residual, RmsNorm, Sequential, UnitNorm, UpSampling, ZeroPadding,
};

/// Adds all of them to a registry.
pub(crate) fn register_all(registry: &mut Registry) {
    registry.register("Dense", |config, row, _| Ok(Box::new(Dense::from_config(config, row)?)));
    registry.register("Activation", |config, _, _| Ok(Box::new(Activation::from_config(config)?)));
    registry.register("PRelu", |config, _, _| Ok(Box::new(PRelu::from_config(config)?)));
    registry.register("Embedding", |config, _, _| Ok(Box::new(Embedding::from_config(config)?)));

    registry.register("Flatten", |_, _, _| Ok(Box::new(Flatten)));
    registry.register("Reshape", |config, _, _| Ok(Box::new(Reshape::from_config(config)?)));
    registry.register("Permute", |config, _, _| Ok(Box::new(Permute::from_config(config)?)));
    registry.register("ZeroPadding", |config, _, _| Ok(Box::new(ZeroPadding::from_config(config)?)));
    registry.register("UpSampling", |config, _, _| Ok(Box::new(UpSampling::from_config(config)?)));

    registry.register("Dropout", |config, _, _| Ok(Box::new(Dropout::from_config(config)?)));
    registry.register("GaussianNoise", |config, _, _| Ok(Box::new(GaussianNoise::from_config(config)?)));

    registry.register("BatchNorm", |config, row, _| Ok(Box::new(BatchNorm::from_config(config, row)?)));
    registry.register("LayerNorm", |config, row, _| Ok(Box::new(LayerNorm::from_config(config, row)?)));
    registry.register("RmsNorm", |config, row, _| Ok(Box::new(RmsNorm::from_config(config, row)?)));
    registry.register("GroupNorm", |config, row, _| Ok(Box::new(GroupNorm::from_config(config, row)?)));
    registry.register("UnitNorm", |config, _, _| Ok(Box::new(UnitNorm::from_config(config)?)));

    registry.register("Sequential", |config, _, registry| {
        Ok(Box::new(Sequential::from_config(config, registry)?))
    });
    registry.register("Residual", |config, row, registry| {
        Ok(Box::new(Residual::from_config(config, row, registry)?))
    });
    registry.register("Concat", |config, row, registry| {
        Ok(Box::new(Branches::from_config(Join::concat_from(config)?, config, row, registry)?))
    });
    registry.register("Add", |config, row, registry| {
        Ok(Box::new(Branches::from_config(Join::Add, config, row, registry)?))
    });
    registry.register("Multiply", |config, row, registry| {
        Ok(Box::new(Branches::from_config(Join::Multiply, config, row, registry)?))
    });
}
