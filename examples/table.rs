//! From a CSV file to arrays: a table with a missing cell, categories and booleans, described and divided.
//!
//! `cargo run --release --example table`
#![forbid(unsafe_code)]

use std::error::Error;

use wengert::prelude::*;

const PASSENGERS: &str = "\
survived,class,age,port,alone
0,3,22,Southampton,False
1,1,38,Cherbourg,False
1,3,26,Southampton,True
1,1,35,Southampton,False
0,3,,Queenstown,True
0,1,54,Southampton,True
0,3,2,Southampton,False
";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("wengert-table-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("passengers.csv"), PASSENGERS)?;

    let table = read_csv(folder.join("passengers.csv"))?;
    println!("{}", table.describe());
    let (predictors, survived) =
        table.fill("age", Fill::Median)?.one_hot("port")?.split_labels("survived")?;

    let (train, test) =
        stratified_split(&(predictors, survived.clone()), &survived, 0.25, &mut Rng::seed(0))?;
    let scaler = StandardScaler::fit(&train.0)?;
    println!("training {} {:?}", train.0.shape(), train.1.as_slice());
    println!("test     {} {:?}", test.0.shape(), test.1.as_slice());
    println!("scaled\n{:?}", scaler.transform(&test.0));

    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
