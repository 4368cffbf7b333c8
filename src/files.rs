//! Reading what people write: scenarios, region packs, journals' folders.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{PartyId, Resource, Span};
use region::{Pack, Region};
use simulator::Scenario;

use crate::failure::{Code, Failure};
use crate::whole;

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    whole::text(path, whole::WRITTEN_BYTES).map_err(|error| Failure::file(path, &error))
}

/// Files that another one names.
struct Named<'a> {
    folder: &'a Path,
    /// The first that has more than it may.
    too_large: RefCell<Option<Failure>>,
}

impl<'a> Named<'a> {
    fn in_folder(folder: &'a Path) -> Self {
        let too_large = RefCell::new(None);
        Self { folder, too_large }
    }

    /// A file, if it is there. What is not UTF-8 in it is marked as such, so that whoever reads the text can
    /// say where it stands.
    fn text(&self, name: &str) -> Option<String> {
        let path = self.folder.join(name);
        match whole::bytes(&path, whole::WRITTEN_BYTES) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                if error.kind() == ErrorKind::FileTooLarge {
                    let mut first = self.too_large.borrow_mut();
                    first.get_or_insert_with(|| Failure::file(&path, &error));
                }
                None
            }
        }
    }

    /// What was read by them, unless one was too large for that.
    fn sound<T>(self, read: T) -> Result<T, Failure> {
        self.too_large.into_inner().map_or(Ok(read), Err)
    }
}

/// Writes a file, making its folder.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    std::fs::write(path, text).map_err(|error| Failure::file(path, &error))
}

/// Refuses a path at which something stands.
pub(crate) fn is_free(path: &Path) -> Result<(), Failure> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file(path, &error)),
        Ok(_) => Err(Failure::new(
            Code::NoPermission,
            format!(
                "{}: it is there already and is not overwritten; name another path",
                path.display()
            ),
        )),
    }
}

/// Writes a new file, making its folder; one that is there is not overwritten.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    create(path, text, 0o666)
}

/// The same for what its owner alone may read.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    create(path, text, 0o600)
}

fn create(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let failed = |error| Failure::file(path, &error);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Puts a new text in the place of the old as a whole, so that a crash leaves one of the two.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    // A name of this process's own: two that write beside each other put no half of the other's in place.
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mode = std::fs::metadata(path).map_or(0o644, |about| about.permissions().mode());
    drop(std::fs::remove_file(&beside));
    let put = write_whole(&beside, text, mode & 0o777)
        .map_err(|error| Failure::file(&beside, &error))
        .and_then(|()| std::fs::rename(&beside, path).map_err(|error| Failure::file(path, &error)));
    if put.is_err() {
        // Nobody comes back for it under that name.
        drop(std::fs::remove_file(&beside));
    }
    put
}

/// Writes a new file down to the disk.
fn write_whole(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::file(path, &error))
}

/// Takes a journal away, with what the database keeps beside it. One that is not there is none.
pub(crate) fn remove_journal(path: &Path) -> Result<(), Failure> {
    for ending in ["journal", "journal-wal", "journal-shm"] {
        let file = path.with_extension(ending);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::file(&file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A region by its built-in name or by the folder of its pack.
pub(crate) fn region(name: &str, beside: &Path) -> Result<Arc<Region>, Failure> {
    let (pack, place) = if let Some(pack) = Pack::built_in(name) {
        (pack, PathBuf::from(name))
    } else {
        let folder = beside.join(name);
        if !folder.is_dir() {
            let known = region::BUILT_IN.join(", ");
            return Err(Failure::new(
                Code::NoInput,
                format!(
                    "no region \"{name}\": built in are {known}, and there is no folder {}",
                    folder.display()
                ),
            ));
        }
        let files = Named::in_folder(&folder);
        let pack = Pack::from_files(|file| files.text(file));
        (files.sound(pack)?, folder)
    };
    // A fault names a file of the pack; whoever checks several needs to know of which.
    let place = place.display();
    Region::load(&pack).map(Arc::new).map_err(|faults| {
        let faults = faults.iter();
        listed(faults.map(|fault| format!("{place}/{fault}")))
    })
}

/// A scenario and its region, with every fault listed.
pub(crate) fn scenario(path: &Path) -> Result<(Scenario, Arc<Region>), Failure> {
    scenario_of(path, &read(path)?)
}

/// The scenario that a text says, which stands at this path.
pub(crate) fn scenario_of(path: &Path, text: &str) -> Result<(Scenario, Arc<Region>), Failure> {
    let folder = path
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let files = Named::in_folder(&folder);
    let shown = path.display().to_string();
    let read = Scenario::parse(&shown, text, &|file: &str| files.text(file));
    files
        .sound(read)?
        .map_err(|faults| Failure::new(Code::Data, faults))
}

/// Whether a drill that is to end early does not end after its end.
pub(crate) fn ends_within(until: Option<Span>, scenario: &Scenario) -> Result<(), Failure> {
    let Some(after) = until.filter(|until| *until > scenario.duration) else {
        return Ok(());
    };
    let what = format!(
        "--until {after} lies after the end of {}, which lasts {}; write less, or leave it out",
        scenario.id, scenario.duration
    );
    Err(Failure::new(Code::Config, what))
}

/// A scenario inside the binary, so that the first look needs no file.
pub(crate) fn built_in_scenario(id: &str) -> Result<(Scenario, Arc<Region>), Failure> {
    let text = match id {
        "first-look" => include_str!("../scenarios/prd/first-look.toml"),
        _ => return Err(Failure::bug(format!("no scenario {id} is built in"))),
    };
    let tracks = [(
        "tracks/ibtracs_2018_mangkhut.csv",
        include_str!("../scenarios/prd/tracks/ibtracs_2018_mangkhut.csv"),
    )];
    let load = |file: &str| {
        tracks
            .iter()
            .find(|(name, _)| *name == file)
            .map(|(_, text)| (*text).to_owned())
    };
    Scenario::parse(id, text, &load).map_err(|faults| Failure::new(Code::Data, faults))
}

/// Inventories that replace demo fleets: `440400=zhuhai.csv`.
pub(crate) fn inventories(
    named: &[String],
    region: &Region,
) -> Result<BTreeMap<PartyId, Vec<Resource>>, Failure> {
    let mut inventories = BTreeMap::new();
    for text in named {
        let wrong = || {
            let what = format!("\"{text}\" is no inventory; write it as 440400=zhuhai.csv");
            Failure::new(Code::Config, what)
        };
        let (office, file) = text.split_once('=').ok_or_else(wrong)?;
        let office = city(region, office.parse().map_err(|_| wrong())?)?;
        let resources = inventory(region, office, Path::new(file))?;
        if inventories.insert(office, resources).is_some() {
            let what = format!(
                "--inventory names {office} twice, the second time with {file}; pass one file for each office"
            );
            return Err(Failure::new(Code::Config, what));
        }
    }
    Ok(inventories)
}

/// An office that has an inventory, which only a city of the region has.
pub(crate) fn city(region: &Region, office: PartyId) -> Result<PartyId, Failure> {
    if region.cities().any(|city| city.party == office) {
        return Ok(office);
    }
    let what = format!("no city {office}; known are {}", cities(region));
    Err(Failure::new(Code::Config, what))
}

/// The city that an inventory belongs to by the id of its first resource.
pub(crate) fn owner(region: &Region, file: &Path) -> Result<PartyId, Failure> {
    let (shown, text) = (file.display().to_string(), read(file)?);
    let owner =
        region::inventory_office(region, &shown, &text).map_err(|faults| listed(faults.iter()))?;
    owner.ok_or_else(|| {
        let what = format!(
            "{shown}: its first resource belongs to no city of region {}; pass --office with one \
             of {}, or another --region",
            region.id(),
            cities(region)
        );
        Failure::new(Code::Data, what)
    })
}

/// The cities of a region, as a message lists them.
fn cities(region: &Region) -> String {
    let known: Vec<&str> = region.cities().map(|city| city.party.as_str()).collect();
    known.join(", ")
}

/// One inventory.
pub(crate) fn inventory(
    region: &Region,
    office: PartyId,
    file: &Path,
) -> Result<Vec<Resource>, Failure> {
    let text = read(file)?;
    region::read_inventory(region, office, &file.display().to_string(), &text)
        .map_err(|faults| listed(faults.iter()))
}

/// Faults, a line each.
fn listed<T: ToString>(faults: impl Iterator<Item = T>) -> Failure {
    let lines: Vec<String> = faults.map(|fault| fault.to_string()).collect();
    Failure::new(Code::Data, lines.join("\n"))
}
