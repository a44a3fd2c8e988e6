//! `time`: clocks, sleeping, calendar.

use crate::modules::posix::system;
use crate::rt::*;
use crate::structseq::{self, StructSeq};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2};
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm, float as floats};

pub static STRUCT_TIME: StructSeq = StructSeq {
    module: "time",
    name: "struct_time",
    fields: &[
        "tm_year",
        "tm_mon",
        "tm_mday",
        "tm_hour",
        "tm_min",
        "tm_sec",
        "tm_wday",
        "tm_yday",
        "tm_isdst",
        "tm_zone",
        "tm_gmtoff",
    ],
    visible: 9,
    callable: true,
};
static CLOCK_INFO: StructSeq = StructSeq {
    module: "time",
    name: "clock_info",
    fields: &["implementation", "monotonic", "adjustable", "resolution"],
    visible: 4,
    callable: false,
};

static FUNCTIONS: &[BuiltinDef] = &[
    fn0("time", |vm| seconds(vm, libc::CLOCK_REALTIME)),
    fn0("time_ns", |vm| nanoseconds(vm, libc::CLOCK_REALTIME)),
    fn0("perf_counter", |vm| seconds(vm, libc::CLOCK_MONOTONIC)),
    fn0("perf_counter_ns", |vm| {
        nanoseconds(vm, libc::CLOCK_MONOTONIC)
    }),
    fn0("monotonic", |vm| seconds(vm, libc::CLOCK_MONOTONIC)),
    fn0("monotonic_ns", |vm| nanoseconds(vm, libc::CLOCK_MONOTONIC)),
    fn0("process_time", |vm| {
        seconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)
    }),
    fn0("process_time_ns", |vm| {
        nanoseconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)
    }),
    fn0("thread_time", |vm| {
        seconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)
    }),
    fn0("thread_time_ns", |vm| {
        nanoseconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)
    }),
    fn1("clock_gettime", |vm, id| {
        seconds(vm, to_i64(vm, id)? as i32)
    }),
    fn1("clock_gettime_ns", |vm, id| {
        nanoseconds(vm, to_i64(vm, id)? as i32)
    }),
    fn1("sleep", sleep),
    fn1("localtime", localtime).opt(0),
    fn1("gmtime", gmtime).opt(0),
    fn1("mktime", mktime),
    fn1("asctime", asctime).opt(0),
    fn1("ctime", ctime).opt(0),
    fn2("strftime", strftime).opt(1),
    fn1("get_clock_info", get_clock_info),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_ints(
        vm,
        module,
        &[
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME as i64),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC as i64),
            ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW as i64),
            (
                "CLOCK_PROCESS_CPUTIME_ID",
                libc::CLOCK_PROCESS_CPUTIME_ID as i64,
            ),
            (
                "CLOCK_THREAD_CPUTIME_ID",
                libc::CLOCK_THREAD_CPUTIME_ID as i64,
            ),
            ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME as i64),
            ("_STRUCT_TM_ITEMS", 11),
        ],
    );
    let class = structseq::define(vm, &STRUCT_TIME);
    put(vm, module, "struct_time", class.gc());
    let (winter, summer) = (
        system::local_time(1_704_067_200),
        system::local_time(1_719_792_000),
    );
    let (standard, daylight) = if winter.is_dst > 0 {
        (&summer, &winter)
    } else {
        (&winter, &summer)
    };
    put_ints(
        vm,
        module,
        &[
            ("timezone", -standard.offset),
            ("altzone", -daylight.offset),
            (
                "daylight",
                i64::from(winter.is_dst > 0 || summer.is_dst > 0),
            ),
        ],
    );
    let names = tuple(
        vm,
        &[string(vm, &standard.zone), string(vm, &daylight.zone)],
    );
    put(vm, module, "tzname", names);
    Ok(())
}

fn read(vm: &'static Vm, clock: i32) -> PyResult<i128> {
    system::clock(clock).map_err(|e| io_error(vm, &e, None))
}
fn seconds(vm: &'static Vm, clock: i32) -> PyResult {
    Ok(float(vm, read(vm, clock)? as f64 / 1e9))
}
fn nanoseconds(vm: &'static Vm, clock: i32) -> PyResult {
    Ok(ouro_py_objects::int::from_i128(vm, read(vm, clock)?))
}
/// Seconds: a float or an int.
fn duration(vm: &'static Vm, v: Gc) -> PyResult<f64> {
    match floats::get(v) {
        Some(s) => Ok(s),
        None => Ok(ouro_py_objects::int::index(vm, v)?.to_f64()),
    }
}
fn sleep(vm: &'static Vm, v: Gc) -> PyResult {
    let s = duration(vm, v)?;
    if s < 0.0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    if !s.is_finite() || s > 9e9 {
        return Err(vm.overflow_error("timestamp too large to convert to C _PyTime_t"));
    }
    std::thread::sleep(std::time::Duration::from_secs_f64(s));
    Ok(none(vm))
}
/// The calendar fields of a moment.
#[derive(Clone, Default, Debug)]
pub struct Calendar {
    /// Year, month from 1, day, hour, minute, second, weekday from Monday = 0, day of year from 1.
    pub fields: [i64; 8],
    /// Daylight saving time: 1, 0, or -1 for unknown.
    pub is_dst: i64,
    /// Name of the zone.
    pub zone: String,
    /// Seconds east of Greenwich.
    pub offset: i64,
}
fn to_object(vm: &'static Vm, c: &Calendar) -> PyResult {
    let mut values: Vec<i64> = c.fields.to_vec();
    values.push(c.is_dst);
    let mut objects = ouro_py_objects::Temps::new(vm);
    values.iter().for_each(|&v| objects.push(int(vm, v)));
    objects.push(string(vm, &c.zone));
    objects.push(int(vm, c.offset));
    structseq::make(vm, &STRUCT_TIME, &objects)
}
fn moment(vm: &'static Vm, v: Gc) -> PyResult<i64> {
    if absent(vm, v) {
        return Ok((read(vm, libc::CLOCK_REALTIME)?.div_euclid(1_000_000_000)) as i64);
    }
    if let Some(i) = ouro_py_objects::int::get(v) {
        return i
            .small()
            .ok_or_else(|| vm.overflow_error("timestamp out of range for platform time_t"));
    }
    let f = duration(vm, v)?;
    if f.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    Ok(f.floor() as i64)
}
fn localtime(vm: &'static Vm, v: Gc) -> PyResult {
    let t = moment(vm, v)?;
    to_object(vm, &system::local_time(t))
}
fn gmtime(vm: &'static Vm, v: Gc) -> PyResult {
    let t = moment(vm, v)?;
    to_object(vm, &utc(t))
}
/// The calendar of a moment in UTC.
pub fn utc(t: i64) -> Calendar {
    let (days, rest) = (t.div_euclid(86400), t.rem_euclid(86400));
    let (year, month, day) = civil(days);
    let first = days_of(year, 1, 1);
    let fields = [
        year,
        month,
        day,
        rest / 3600,
        rest / 60 % 60,
        rest % 60,
        (days + 3).rem_euclid(7),
        days - first + 1,
    ];
    Calendar {
        fields,
        is_dst: 0,
        zone: "UTC".to_owned(),
        offset: 0,
    }
}
/// Days since 1970-01-01 of a date of the Gregorian calendar.
pub fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}
fn from_object(vm: &'static Vm, v: Gc) -> PyResult<Calendar> {
    if absent(vm, v) {
        return Ok(system::local_time(moment(vm, v)?));
    }
    let Some(items) = as_tuple(v) else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    let items = collect(vm, items)?;
    if items.len() != 9 {
        return Err(vm.type_error("function takes exactly 9 arguments"));
    }
    let mut c = Calendar::default();
    for (i, field) in c.fields.iter_mut().enumerate() {
        *field = to_i64(vm, items[i])?;
    }
    c.is_dst = to_i64(vm, items[8])?;
    let zone = find_attr(vm, v, "tm_zone")?.map(text_of);
    c.zone = zone.unwrap_or_default();
    if let Some(offset) = find_attr(vm, v, "tm_gmtoff")?
        && offset != none(vm)
    {
        c.offset = to_i64(vm, offset)?;
    }
    // A day of year or month of 0 means 1, as in CPython.
    c.fields[7] = c.fields[7].max(1);
    c.fields[1] = c.fields[1].max(1);
    c.fields[2] = c.fields[2].max(1);
    Ok(c)
}
fn mktime(vm: &'static Vm, v: Gc) -> PyResult {
    let c = from_object(vm, v)?;
    let [year, month, day, hour, minute, second, ..] = c.fields;
    let as_if_utc = days_of(
        year + (month - 1).div_euclid(12),
        (month - 1).rem_euclid(12) + 1,
        1,
    ) * 86400
        + (day - 1) * 86400
        + hour * 3600
        + minute * 60
        + second;
    // The offset that holds at the result; two rounds settle it except in a gap of the clock.
    let mut t = as_if_utc - system::local_time(as_if_utc).offset;
    t = as_if_utc - system::local_time(t).offset;
    Ok(float(vm, t as f64))
}
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
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
fn name_of(names: &'static [&'static str], n: i64) -> &'static str {
    usize::try_from(n)
        .ok()
        .and_then(|n| names.get(n))
        .copied()
        .unwrap_or("?")
}
fn c_format(c: &Calendar) -> String {
    let [year, month, day, hour, minute, second, weekday, _] = c.fields;
    let (d, m) = (name_of(&DAYS, weekday), name_of(&MONTHS, month - 1));
    format!(
        "{:.3} {:.3} {day:2} {hour:02}:{minute:02}:{second:02} {year}",
        d, m
    )
}
fn asctime(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(string(vm, &c_format(&from_object(vm, v)?)))
}
fn ctime(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(string(vm, &c_format(&system::local_time(moment(vm, v)?))))
}
fn strftime(vm: &'static Vm, format: Gc, v: Gc) -> PyResult {
    let format = to_text(vm, "strftime() argument 1", format)?;
    let c = from_object(vm, v)?;
    Ok(string(vm, &format_time(&format, &c)))
}
/// `strftime` in the C locale.
pub fn format_time(format: &str, c: &Calendar) -> String {
    let [year, month, day, hour, minute, second, weekday, yday] = c.fields;
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let sunday_based = (weekday + 1) % 7;
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(ch) = chars.next() {
        if ch != '%' {
            out.push(ch);
            continue;
        }
        let Some(mut code) = chars.next() else {
            out.push('%');
            break;
        };
        let plain = code == '-';
        if plain {
            code = chars.next().unwrap_or('%');
        }
        let two = |n: i64| {
            if plain {
                n.to_string()
            } else {
                format!("{n:02}")
            }
        };
        out += &match code {
            'a' => name_of(&DAYS, weekday)[..3].to_owned(),
            'A' => name_of(&DAYS, weekday).to_owned(),
            'b' | 'h' => name_of(&MONTHS, month - 1)[..3].to_owned(),
            'B' => name_of(&MONTHS, month - 1).to_owned(),
            'c' => c_format(c),
            'C' => two(year.div_euclid(100)),
            'd' => two(day),
            'D' | 'x' => format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100)),
            'e' => format!("{day:2}"),
            'F' => format!("{year}-{month:02}-{day:02}"),
            'G' => iso_week(c).0.to_string(),
            'g' => two(iso_week(c).0.rem_euclid(100)),
            'H' => two(hour),
            'I' => two(twelve),
            'j' => format!("{yday:03}"),
            'k' => format!("{hour:2}"),
            'l' => format!("{twelve:2}"),
            'm' => two(month),
            'M' => two(minute),
            'n' => "\n".to_owned(),
            'p' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            'P' => if hour < 12 { "am" } else { "pm" }.to_owned(),
            'r' => format!(
                "{twelve:02}:{minute:02}:{second:02} {}",
                if hour < 12 { "AM" } else { "PM" }
            ),
            'R' => format!("{hour:02}:{minute:02}"),
            's' => (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
                - c.offset)
                .to_string(),
            'S' => two(second),
            't' => "\t".to_owned(),
            'T' | 'X' => format!("{hour:02}:{minute:02}:{second:02}"),
            'u' => (weekday + 1).to_string(),
            'U' => two((yday + 6 - sunday_based) / 7),
            'V' => two(iso_week(c).1),
            'w' => sunday_based.to_string(),
            'W' => two((yday + 6 - weekday) / 7),
            'y' => two(year.rem_euclid(100)),
            'Y' => year.to_string(),
            'z' => {
                let (sign, o) = if c.offset < 0 {
                    ('-', -c.offset)
                } else {
                    ('+', c.offset)
                };
                format!("{sign}{:02}{:02}", o / 3600, o / 60 % 60)
            }
            'Z' => c.zone.clone(),
            '%' => "%".to_owned(),
            other => format!("%{other}"),
        };
    }
    out
}
/// Year and week of ISO 8601.
fn iso_week(c: &Calendar) -> (i64, i64) {
    let [year, _, _, _, _, _, weekday, yday] = c.fields;
    let week = (yday - weekday + 9) / 7;
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let weeks = |y: i64| {
        let first = (days_of(y, 1, 1) + 3).rem_euclid(7);
        if first == 3 || first == 2 && leap(y) {
            53
        } else {
            52
        }
    };
    match week {
        0 => (year - 1, weeks(year - 1)),
        w if w > weeks(year) => (year + 1, 1),
        w => (year, w),
    }
}
fn get_clock_info(vm: &'static Vm, v: Gc) -> PyResult {
    let clock = to_text(vm, "get_clock_info() argument 1", v)?;
    let (id, shown, monotonic) = match clock.as_str() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true),
        "process_time" => (
            libc::CLOCK_PROCESS_CPUTIME_ID,
            "CLOCK_PROCESS_CPUTIME_ID",
            true,
        ),
        "thread_time" => (
            libc::CLOCK_THREAD_CPUTIME_ID,
            "CLOCK_THREAD_CPUTIME_ID",
            true,
        ),
        _ => return Err(vm.value_error("unknown clock")),
    };
    let _ = id;
    let shown = string(vm, &format!("clock_gettime({shown})"));
    structseq::make(
        vm,
        &CLOCK_INFO,
        &[
            shown,
            boolean(vm, monotonic),
            boolean(vm, !monotonic),
            float(vm, 1e-9),
        ],
    )
}
