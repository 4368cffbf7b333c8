//! The verb `office`: one office as a process of its own, of a running drill or on duty.

mod apart;
mod duty;
mod gate;
mod operator;
mod sheet;
mod way;
mod written;

pub(crate) use apart::Orders;
pub(crate) use gate::{GatePlan, passwords};
pub(crate) use operator::OperatorSheet;
pub(crate) use sheet::Sheet;
pub(crate) use way::without_files;

use crate::cli::{OfficeArgs, Placed};
use crate::failure::Failure;
use crate::stop;

/// Runs an office until its drill is over, or until SIGTERM or Ctrl-C.
pub(crate) fn office(args: &OfficeArgs) -> Result<(), Failure> {
    stop::runtime()?.block_on(async {
        match args.placed()? {
            Placed::Apart(apart) => apart::serve(&apart).await,
            Placed::OnDuty(duty) => duty::serve(&duty).await,
        }
    })
}
