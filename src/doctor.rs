//! The verb `doctor`.

use crate::cli::DoctorArgs;
use crate::failure::Failure;

/// The verb.
pub(crate) fn doctor(_args: &DoctorArgs) -> Result<(), Failure> {
    Ok(())
}
