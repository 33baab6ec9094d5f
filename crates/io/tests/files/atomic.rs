//! A file is written as a whole or not at all.

use std::fs;
use std::path::Path;

use crate::support::{check_message, mlp};
use wengert_io::{IoErrorKind, Persist, save_parameters, write_tensors};
use wengert_nn::Sequential;

/// What a folder holds, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_and_nothing_else_remains() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    for seed in [1, 2] {
        mlp(seed).save(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), mlp(seed).to_bytes().unwrap());
        assert_eq!(names(folder.path()), ["a.safetensors"]);
    }
}

#[test]
fn a_folder_in_the_place_of_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("inside"), "kept").unwrap();
    let expected =
        "save: the file cannot be written\n  file    {}\n  reason  there is something else than a file";
    check_message(mlp(1).save(&path), expected);
    assert_eq!(names(folder.path()), ["a.safetensors"]);
    assert_eq!(names(&path), ["inside"]);
}

#[test]
fn a_place_that_cannot_be_written_is_the_systems_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "kept").unwrap();
    for place in ["missing/a.safetensors", "file/a.safetensors"] {
        let error = mlp(1).save(folder.path().join(place)).unwrap_err();
        assert_eq!(error.kind(), IoErrorKind::System);
        let source = std::error::Error::source(&error).unwrap().to_string();
        let expected = format!("save: the file cannot be written\n  file    {{}}\n  reason  {source}");
        check_message::<()>(Err(error), &expected);
    }
    assert_eq!(names(folder.path()), ["file"]);
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "kept");
}

#[cfg(target_os = "linux")]
#[test]
fn the_name_of_the_temporary_file_is_not_shown() {
    // A folder that is there, in which nobody can create a file.
    let error = mlp(1).save("/proc/a.safetensors").unwrap_err();
    let reason = std::io::Error::from_raw_os_error(2);
    let expected = format!("save: the file cannot be written\n  file    {{}}\n  reason  {reason}");
    check_message::<()>(Err(error), &expected);
}

#[test]
fn a_write_protected_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    mlp(1).save(&path).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let expected = "save: the file cannot be written\n  file    {}\n  reason  the file is write-protected";
    check_message(mlp(2).save(&path), expected);
    assert_eq!(fs::read(&path).unwrap(), mlp(1).to_bytes().unwrap());
    assert_eq!(names(folder.path()), ["a.safetensors"]);
}

#[test]
fn the_ending_says_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let no_tensors = Default::default();
    for (name, ending) in
        [("a.h5", ".h5"), ("model", "none"), ("a.safetensors.bak", ".bak"), (".safetensors", "none")]
    {
        let path = folder.path().join(name);
        let expected = format!(
            "save: the ending of the file's name asks for no format that can be written\n  \
               file    {{}}\n  ending  {ending}   <- expected .safetensors"
        );
        check_message(mlp(1).save(&path), &expected);
        check_message(save_parameters(&mlp(1), &path), &expected);
        check_message(write_tensors(&no_tensors, &path), &expected);
    }
    assert!(names(folder.path()).is_empty());
    mlp(1).save(folder.path().join("A.SafeTensors")).unwrap();
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_may_be_read_by_whom_the_user_lets() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, usual) = (folder.path().join("a.safetensors"), folder.path().join("usual"));
        mlp(1).save(&ours).unwrap();
        fs::write(&usual, "").unwrap();
        assert_eq!(mode(&ours), mode(&usual));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        for wanted in [0o600, 0o640, 0o666, 0o777] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            mlp(1).save(&path).unwrap();
            assert_eq!(mode(&path), wanted, "{wanted:o}");
        }
    }

    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) =
            (folder.path().join("run_7.safetensors"), folder.path().join("latest.safetensors"));
        mlp(1).save(&target).unwrap();
        symlink("run_7.safetensors", &link).unwrap();
        mlp(2).save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(Sequential::load(&target).unwrap().to_bytes().unwrap(), mlp(2).to_bytes().unwrap());
    }
}
