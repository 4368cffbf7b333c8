//! One office's decisions, behind one door.
//!
//! [`Office::handle`] is told what happened and answers with what to do, in order. The same code
//! runs on the live bus and inside the simulator.
//!
//! - `boot`: coming to life, incarnations, twins
//! - `keeping`: digests, wants, fills: every log whole
//! - `desk`: calls become reports and needs
//! - `fleet`: the only place that commits and orders
//! - `lending`: offers, holds, accepts
//! - `planner`: which unit for which need; `board`: what it sees; `arrivals`: who is there first;
//!   `planner/assignment`: the plan for a region that nothing betters, with its proof
//! - `operator`: signed commands and their outcome; `proposing`: the plan as people decide it;
//!   `authority`: units that another commands
//! - `alike`: whether others plan the same
//! - `standing_by`: units asked for before a storm; `ring`: how near it comes to whom

mod absent;
mod afterwards;
mod agenda;
mod aid_command;
mod alike;
mod answer;
mod arrivals;
mod authority;
mod barred;
mod board;
mod boot;
mod config;
mod crew;
mod desk;
mod digest;
mod door;
mod expecting;
mod explaining;
mod extending;
mod fills;
mod flagging;
mod fleet;
mod ground;
mod hearing;
mod holders;
mod hybrid;
mod inquiry;
mod keeping;
mod lending;
mod listening;
mod listing;
mod need_command;
mod notices;
mod office;
mod operator;
mod outlook;
mod pen;
mod placing;
pub mod planner;
mod poll;
mod proposing;
mod recall;
mod repair;
mod rest;
mod ring;
mod standing_by;
mod stock;
mod views;
mod wake;
mod watch;
mod work;

pub use alike::PlanFigures;
pub use board::{Board, Idle, Move, Slot, Ways};
pub use boot::Phase;
pub use config::{AidTerms, ConfigError, OfficeConfig, Template};
pub use door::{
    Alarm, Extent, FOREIGN_SYNC, Input, LinkChange, Now, Origin, Output, Range, Seed, Stored,
    Ticket, WakeAt,
};
pub use ground::{BelievedRoads, Ground};
pub use hearing::Hearing;
pub use keeping::Keeping;
pub use office::Office;
pub use planner::{OwnFirst, Policy};
pub use stock::StockTerms;
