//! Why a connection ended or never was, in words for an operator.

use std::error::Error;
use std::io;

use rumqttc::{ConnectReturnCode, ConnectionError, StateError, TlsError};
use tokio_rustls::rustls::{self, AlertDescription};

use crate::limit;

/// Whose doing it is that a link is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The line's, or the bus's: it may be well again by itself.
    Fault,
    /// The bus is there and does not let this client in: it helps nobody to try again.
    Refusal,
}

/// What went wrong, and whose doing it is.
pub(super) fn reason(error: &ConnectionError) -> (String, Cause) {
    let fault = |reason: String| (reason, Cause::Fault);
    if let Some(why) = refused(error) {
        let reason = format!("the bus does not let this certificate in: {why}");
        return (reason, Cause::Refusal);
    }
    match error {
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => {
            fault(format!("the bus cannot be reached: {error}"))
        }
        ConnectionError::Tls(TlsError::Io(error)) => fault(format!(
            "no TLS with the bus: {error}; look at its certificate and at ca=, cert= and key="
        )),
        ConnectionError::ConnectionRefused(code) => match code {
            ConnectReturnCode::NotAuthorized => (
                "the bus does not let this party in: it is not in the roster there, or its key was \
                 revoked or has ended; ask whoever keeps the region's roster"
                    .to_owned(),
                Cause::Refusal,
            ),
            ConnectReturnCode::BadUserNamePassword => (
                "the bus knows neither a certificate nor a password of this party; look at cert= and \
                 key=, or at name and password"
                    .to_owned(),
                Cause::Refusal,
            ),
            code => fault(format!("the bus refused the login: {code:?}")),
        },
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => fault(format!(
            "the bus does not answer within {} s",
            limit::HANDSHAKE.as_secs()
        )),
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            fault("the bus hung up".to_owned())
        }
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            fault("the bus no longer answers pings".to_owned())
        }
        other => fault(format!("the bus broke the protocol: {other}")),
    }
}

/// Why the other side of TLS does not take our certificate, if it says so: it does behind the handshake,
/// where MQTT begins already.
fn refused(error: &ConnectionError) -> Option<&'static str> {
    let mut cause: &(dyn Error + 'static) = error;
    while !cause.is::<io::Error>() {
        cause = cause.source()?;
    }
    let inner = cause
        .downcast_ref::<io::Error>()?
        .get_ref()?
        .downcast_ref::<rustls::Error>()?;
    let rustls::Error::AlertReceived(alert) = inner else {
        return None;
    };
    match alert {
        AlertDescription::CertificateRevoked => Some("it is revoked"),
        AlertDescription::CertificateExpired => Some("it has expired"),
        AlertDescription::CertificateRequired => Some("none was shown"),
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            Some("it is not of the authority that the bus asks for")
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied => Some("it cannot be used there"),
        _ => None,
    }
}
