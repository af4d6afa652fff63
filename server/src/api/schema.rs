//! The names of the shapes that `schemas/*.json` describe, for the handlers to refer to. It holds no shape itself.

use std::borrow::Cow;
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident;)*) => { $(
        $(#[$meta])*
        pub struct $name;

        impl PartialSchema for $name {
            // Stands in for the shape until the document is put together.
            fn schema() -> RefOr<Schema> {
                Object::new().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )* };
}

shapes! {
    /// A text in both languages.
    Text;
    /// A whole scenario.
    Scenario;
    /// What the kernel engine may do.
    KernelCapabilities;
    /// What a run answers: one trace, or both with their differences.
    Answer;
    /// A scenario, or the name of one that comes with the server.
    NameOrScenario;
    /// A codec, as a word or an object.
    NamedCodec;
    /// What a codec makes of a stream.
    Decoded;
    /// What a codec makes of messages.
    Encoded;
    /// The same messages through many codecs.
    Comparison;
    /// What is done to a stream.
    Deed;
    /// An address and everything that follows from it.
    Explanation;
    /// A text as inet_aton reads it.
    Aton;
    /// Four bytes as text.
    Ntoa;
    /// A number in both byte orders.
    ByteOrder;
    /// A row of a table of services.
    ServiceEntry;
    /// One line of a live stream.
    StreamLine;
    /// Everything a stream of HTTP messages says.
    HttpReport;
    /// Name and value of a field.
    HttpNameAndValue;
    /// A version as a start line has it.
    HttpVersion;
    /// Limits of an HTTP parser.
    HttpLimits;
    /// A message to wrap, or bytes to unwrap.
    EncapsulationOrder;
    /// A message wrapped, or bytes unwrapped.
    Encapsulation;
    /// A broken rule with its place.
    HttpError;
    /// What a method promises.
    HttpMethod;
    /// One step of a connection through its table.
    HttpStep;
    /// Everything a capture file says.
    CaptureReport;
    /// Stream offsets.
    Range;
    /// Bytes.
    Data;
}
