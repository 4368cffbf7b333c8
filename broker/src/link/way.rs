//! The way of a link to its bus: which host, over what, under which name. It is laid anew for every
//! attempt, because each goes to the next host and a renewed certificate is to be shown without a restart.

use std::sync::Arc;

use rumqttc::{LastWill, MqttOptions, QoS, TlsConfiguration, Transport};
use tokio_rustls::rustls::ClientConfig;

use super::tls::{self, BusTlsError};
use crate::limit;
use crate::post::Post;
use crate::url::BusUrl;

/// What every connection of a link is made of.
pub(super) struct Way {
    bus: BusUrl,
    client_id: String,
    will: Option<Post>,
    tls: Option<Arc<ClientConfig>>,
}

impl Way {
    pub(super) fn new(
        bus: BusUrl,
        client_id: String,
        will: Option<Post>,
    ) -> Result<Self, BusTlsError> {
        let tls = bus.tls().map(tls::client).transpose()?;
        Ok(Self {
            bus,
            client_id,
            will,
            tls,
        })
    }

    /// How many hosts there are to try.
    pub(super) fn hosts(&self) -> usize {
        self.bus.hosts().len()
    }

    /// The library's options for an attempt, set against its traps.
    pub(super) fn options(&mut self, attempt: u64, host: usize) -> MqttOptions {
        let client_id = format!("{}-{attempt}", self.client_id);
        let host = &self.bus.hosts()[host];
        // rumqttc takes one text for the address and for the name in a certificate, which has no
        // brackets; an IPv6 address is looked up without them as well.
        let name = host.name().trim_start_matches('[').trim_end_matches(']');
        let mut options = MqttOptions::new(client_id, name, host.port());
        if let Some(config) = &mut self.tls {
            // Files that are half written while they are renewed leave what was read before.
            if let Some(Ok(renewed)) = self.bus.tls().map(tls::client) {
                *config = renewed;
            }
            let tls = TlsConfiguration::Rustls(Arc::clone(config));
            options.set_transport(Transport::tls_with_config(tls));
        }
        options
            .set_keep_alive(limit::KEEP_ALIVE)
            .set_max_packet_size(limit::INCOMING_BYTES, limit::PACKET_BYTES)
            .set_clean_session(true)
            .set_inflight(limit::PACKET_IDS)
            .set_manual_acks(true);
        if let Some(login) = self.bus.login() {
            options.set_credentials(login.user.as_str(), login.password.as_str());
        }
        if let Some(will) = &self.will {
            let payload = will.payload.to_vec();
            let will = LastWill::new(&will.topic, payload, QoS::AtLeastOnce, will.retained);
            options.set_last_will(will);
        }
        options
    }

    /// A reason for which there is no connection, with the host that it concerns if there are several.
    pub(super) fn concerning(&self, host: usize, reason: String) -> String {
        if self.hosts() == 1 {
            return reason;
        }
        format!("{}: {reason}", self.bus.hosts()[host])
    }
}
