//! The module `time`: the clock of the trace, and sleeping on it.

use super::function;
use super::socket::duration;
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::object::Object;
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::index::float;
use crate::program::vm::{Answer, Stop, Vm, type_error};
use crate::socket::Call;

static FUNCTIONS: &[Native] = &[
    Native::new("time", 0, 0, clock),
    Native::new("monotonic", 0, 0, clock),
    Native::new("perf_counter", 0, 0, clock),
    Native::new("process_time", 0, 0, clock),
    Native::new("time_ns", 0, 0, nanoseconds),
    Native::new("monotonic_ns", 0, 0, nanoseconds),
    Native::new("perf_counter_ns", 0, 0, nanoseconds),
    Native::new("sleep", 1, 1, sleep),
    Native::new("gmtime", 0, 1, |_, args| Ok(calendar(moment(args)?))),
    Native::new("localtime", 0, 1, |_, args| Ok(calendar(moment(args)?))),
    Native::new("ctime", 0, 1, |_, args| {
        Ok(Value::str(format(&fields(&calendar(moment(args)?)), "%a %b %e %H:%M:%S %Y")))
    }),
    Native::new("strftime", 1, 2, |_, args| {
        let Value::Str(template) = args.at(0) else {
            return Err(type_error(format!("strftime() argument 1 must be str, not {}", args.at(0).type_name())));
        };
        let parts = match args.get(1) {
            Some(value) => fields(value),
            None => fields(&calendar(0.0)),
        };
        Ok(Value::str(format(&parts, template.as_str())))
    }),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] = &[
    "time",
    "monotonic",
    "perf_counter",
    "process_time",
    "time_ns",
    "monotonic_ns",
    "perf_counter_ns",
    "sleep",
    "gmtime",
    "localtime",
    "ctime",
    "strftime",
];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "struct_time" => Some(Value::Type(Type::StructTime)),
        "timezone" => Some(Value::Int(0)),
        _ => function(FUNCTIONS, name),
    }
}

/// `time.time()`: seconds since the trace began.
pub fn clock(_: &mut Vm, _: Args) -> Answer {
    Err(Stop::Call(Box::new((Call::Clock, After::Seconds))))
}

fn nanoseconds(_: &mut Vm, _: Args) -> Answer {
    Err(Stop::Call(Box::new((Call::Clock, After::Nanoseconds))))
}

/// `time.sleep(seconds)`.
pub fn sleep(_: &mut Vm, args: Args) -> Answer {
    Err(Stop::Call(Box::new((Call::Sleep { duration: duration(args.at(0))? }, After::Nothing))))
}

fn moment(args: Args) -> Answer<f64> {
    match args.get(0) {
        None | Some(Value::None) => Ok(0.0),
        Some(value) => float(value),
    }
}

const FIELDS: &[&str] =
    &["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"];

/// Seconds since 1970 as a calendar has them, in UTC.
fn calendar(seconds: f64) -> Value {
    let seconds = seconds.clamp(-6.2e10, 2.5e11).floor() as i64;
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years of 365 and 366 days in eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][(month - 1) as usize];
    let yearday = before + date + i64::from(leap && month > 2);
    let parts = [year, month, date, rest / 3600, rest / 60 % 60, rest % 60, (days + 3).rem_euclid(7), yearday, 0]
        .map(Value::Int);
    Value::object(Object::NamedTuple(Type::StructTime, FIELDS, parts.to_vec()))
}

fn fields(value: &Value) -> Vec<i64> {
    let items = match value {
        Value::Tuple(tuple) => tuple.items.to_vec(),
        Value::Object(object) => match &**object {
            Object::NamedTuple(_, _, items) => items.clone(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let mut numbers: Vec<i64> = items.iter().map(|item| item.as_int().unwrap_or(0)).collect();
    numbers.resize(9, 0);
    numbers
}

fn format(parts: &[i64], template: &str) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let [year, month, date, hour, minute, second, weekday, yearday] = std::array::from_fn(|index| parts[index]);
    let day = DAYS[weekday.rem_euclid(7) as usize];
    let month_name = MONTHS[(month - 1).rem_euclid(12) as usize];
    let mut out = String::new();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Y') => out.push_str(&year.to_string()),
            Some('y') => out.push_str(&format!("{:02}", year.rem_euclid(100))),
            Some('m') => out.push_str(&format!("{month:02}")),
            Some('d') => out.push_str(&format!("{date:02}")),
            Some('e') => out.push_str(&format!("{date:2}")),
            Some('H') => out.push_str(&format!("{hour:02}")),
            Some('I') => out.push_str(&format!("{:02}", (hour + 11) % 12 + 1)),
            Some('M') => out.push_str(&format!("{minute:02}")),
            Some('S') => out.push_str(&format!("{second:02}")),
            Some('p') => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            Some('j') => out.push_str(&format!("{yearday:03}")),
            Some('a') => out.push_str(&day[..3]),
            Some('A') => out.push_str(day),
            Some('b') => out.push_str(&month_name[..3]),
            Some('B') => out.push_str(month_name),
            Some('F') => out.push_str(&format!("{year}-{month:02}-{date:02}")),
            Some('T') => out.push_str(&format!("{hour:02}:{minute:02}:{second:02}")),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('%') => out.push('%'),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    out
}
