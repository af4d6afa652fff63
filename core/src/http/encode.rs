//! Messages to bytes. What is written here, the parser gives back; what it would refuse is not written.

use super::token::{bad_in_value, is_token};
use super::{Span, Version, target};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A request line and its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHead {
    /// A token; case matters.
    pub method: String,
    /// In one of the four forms.
    pub target: String,
    /// The version.
    #[serde(default)]
    pub version: Version,
    /// Names and values in order.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
}

/// A status line and its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseHead {
    /// 100 to 599.
    pub status: u16,
    /// May be empty.
    #[serde(default)]
    pub reason: String,
    /// The version.
    #[serde(default)]
    pub version: Version,
    /// Names and values in order.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
}

/// Why a head cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EncodeError {
    #[error("{method:?} is no token, so it is no method")]
    Method { method: String },
    #[error("{target:?} is no target for {method}")]
    Target { target: String, method: String },
    #[error("{status} is not between 100 and 599")]
    Status { status: u16 },
    #[error("byte {at} of the reason phrase cannot stand there")]
    Reason { at: usize },
    #[error("{name:?} is no token, so it is no field name")]
    FieldName { name: String },
    #[error("byte {at} of the value of {name} cannot stand there")]
    FieldValue { name: String, at: usize },
}

/// Writes the content of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoder {
    /// As it is: none, a given length, or until the connection is closed.
    Plain,
    /// In chunks.
    Chunked,
}

impl RequestHead {
    /// Appends the head with its empty line.
    ///
    /// # Errors
    ///
    /// A part cannot stand in a message; nothing is written then.
    pub fn write(&self, into: &mut Vec<u8>) -> Result<(), EncodeError> {
        let (method, target) = (self.method.as_str(), self.target.as_str());
        if !is_token(method.as_bytes()) {
            return Err(EncodeError::Method { method: method.to_owned() });
        }
        let refused = || EncodeError::Target { target: target.to_owned(), method: method.to_owned() };
        if target.is_empty() || target.len() > 1 << 20 {
            return Err(refused());
        }
        target::parse(target.as_bytes(), Span::new(0, target.len()), method.as_bytes()).map_err(|_| refused())?;
        let mut head = format!("{method} {target} {}\r\n", self.version.text()).into_bytes();
        write_fields(&self.fields, &mut head)?;
        into.append(&mut head);
        Ok(())
    }
}

impl ResponseHead {
    /// Appends the head with its empty line.
    ///
    /// # Errors
    ///
    /// A part cannot stand in a message; nothing is written then.
    pub fn write(&self, into: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !(100..600).contains(&self.status) {
            return Err(EncodeError::Status { status: self.status });
        }
        if let Some(at) = bad_in_value(self.reason.as_bytes()) {
            return Err(EncodeError::Reason { at });
        }
        let mut head = format!("{} {} {}\r\n", self.version.text(), self.status, self.reason).into_bytes();
        write_fields(&self.fields, &mut head)?;
        into.append(&mut head);
        Ok(())
    }
}

fn write_fields(fields: &[(String, String)], into: &mut Vec<u8>) -> Result<(), EncodeError> {
    for (name, value) in fields {
        if !is_token(name.as_bytes()) {
            return Err(EncodeError::FieldName { name: name.clone() });
        }
        if let Some(at) = bad_in_value(value.as_bytes()) {
            return Err(EncodeError::FieldValue { name: name.clone(), at });
        }
        into.extend_from_slice(name.as_bytes());
        into.extend_from_slice(b": ");
        into.extend_from_slice(value.as_bytes());
        into.extend_from_slice(b"\r\n");
    }
    into.extend_from_slice(b"\r\n");
    Ok(())
}

impl Encoder {
    /// Appends a piece of the content; an empty one writes nothing, for an empty chunk would be the last.
    pub fn data(self, piece: &[u8], into: &mut Vec<u8>) {
        match self {
            Encoder::Plain => into.extend_from_slice(piece),
            Encoder::Chunked if piece.is_empty() => {}
            Encoder::Chunked => {
                into.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                into.extend_from_slice(piece);
                into.extend_from_slice(b"\r\n");
            }
        }
    }

    /// Appends what ends the content, with trailer fields where the coding has them.
    ///
    /// # Errors
    ///
    /// A trailer field cannot stand in a message; nothing is written then.
    pub fn finish(self, trailers: &[(String, String)], into: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self == Encoder::Chunked {
            let mut end = b"0\r\n".to_vec();
            write_fields(trailers, &mut end)?;
            into.append(&mut end);
        }
        Ok(())
    }
}
