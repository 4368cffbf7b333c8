//! How single values are written: texts, numbers, words, ids, places and lists of them.

use protocol::{
    AreaCode, Audience, Autonomy, Category, Civil, Colour, CommandAuthority, Kind, Measure,
    PartyId, Planning, Point, ReportKind, Requirement, ResponseLevel, RoadId, RoadState, Saying,
    Severity, Trend, is_hostile, limit,
};
use toml::Spanned;
use toml::de::DeValue;

use super::page::{At, Page, known_words, shown};
use super::shape::Shape;

/// Something that can be read from one value of a scenario file.
pub trait Written: Sized {
    /// How it is written, as a message and the list of keys say it.
    const FORM: &'static str;

    /// What it can be, for an editor.
    fn shape() -> Shape;

    /// Reads it; `None` after noting on the page why not.
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self>;
}

/// Notes that a value has the wrong form.
pub(crate) fn wrong_form<T: Written>(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<T> {
    let written = page.written(&raw.span());
    let reason = format!("`{written}` is not {}", T::FORM);
    page.fault(&raw.span(), reason, format!("write {}", T::FORM));
    None
}

/// The integer that a value is, if it is one that fits.
pub(crate) fn integer(raw: &Spanned<DeValue<'_>>) -> Option<i64> {
    let DeValue::Integer(integer) = raw.get_ref() else {
        return None;
    };
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The number that a value is, with or without a point.
pub(crate) fn number(raw: &Spanned<DeValue<'_>>) -> Option<f64> {
    let text = match raw.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Float(float) => float.as_str(),
        _ => return None,
    };
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

impl<T: Written> Written for At<T> {
    const FORM: &'static str = T::FORM;
    fn shape() -> Shape {
        T::shape()
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let span = raw.span();
        T::read(raw, page).map(|value| Self { value, span })
    }
}

impl<T: Written> Written for Vec<T> {
    const FORM: &'static str = "a list in [ ]";
    fn shape() -> Shape {
        Shape::list_of(T::shape())
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::Array(list) = raw.get_ref() else {
            return wrong_form(raw, page);
        };
        Some(list.iter().filter_map(|item| T::read(item, page)).collect())
    }
}

impl Written for String {
    const FORM: &'static str = "a text in quotation marks";
    fn shape() -> Shape {
        Shape::Text
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::String(text) = raw.get_ref() else {
            return wrong_form(raw, page);
        };
        if let Some(hostile) = text.chars().find(|c| is_hostile(*c)) {
            let reason = format!("the text holds the invisible character {hostile:?}");
            page.fault(&raw.span(), reason, "take it out");
            return None;
        }
        if text.trim().is_empty() || text.chars().count() > limit::TEXT_CHARS {
            let reason = format!("the text has {} characters", text.chars().count());
            page.fault(
                &raw.span(),
                reason,
                format!("write 1 to {}", limit::TEXT_CHARS),
            );
            return None;
        }
        Some(text.clone().into_owned())
    }
}

impl Written for bool {
    const FORM: &'static str = "true or false";
    fn shape() -> Shape {
        Shape::Flag
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        match raw.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => wrong_form(raw, page),
        }
    }
}

impl Written for u64 {
    const FORM: &'static str = "a whole number from 0 up";
    fn shape() -> Shape {
        Shape::Whole
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let value = integer(raw).and_then(|value| Self::try_from(value).ok());
        value.or_else(|| wrong_form(raw, page))
    }
}

impl Written for u32 {
    const FORM: &'static str = "a whole number from 0 up";
    fn shape() -> Shape {
        Shape::Whole
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let value = integer(raw).and_then(|value| Self::try_from(value).ok());
        value.or_else(|| wrong_form(raw, page))
    }
}

impl Written for f64 {
    const FORM: &'static str = "a number";
    fn shape() -> Shape {
        Shape::Number(None)
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        number(raw).or_else(|| wrong_form(raw, page))
    }
}

impl Written for Civil {
    const FORM: &'static str = "a time with its zone, as in 2018-09-16T06:00:00+08:00";
    fn shape() -> Shape {
        Shape::Text
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let text = match raw.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Datetime(time) => time.to_string(),
            _ => return wrong_form(raw, page),
        };
        match Self::parse(&text) {
            Ok(civil) if civil.moment().is_some() => Some(civil),
            _ => wrong_form(raw, page),
        }
    }
}

impl Written for Point {
    const FORM: &'static str = "[longitude, latitude] in degrees WGS 84";
    fn shape() -> Shape {
        Shape::list_of(Shape::Number(Some((-180.0, 180.0))))
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::Array(list) = raw.get_ref() else {
            return wrong_form(raw, page);
        };
        let numbers: Vec<f64> = list.iter().filter_map(number).collect();
        let ([longitude, latitude], 2) = (numbers.as_slice(), list.len()) else {
            return wrong_form(raw, page);
        };
        if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 {
            return Some(Self::degrees(*longitude, *latitude));
        }
        let remedy = if longitude.abs() <= 90.0 && latitude.abs() <= 180.0 {
            format!("longitude comes first: write [{latitude}, {longitude}]")
        } else {
            "longitude is at most 180, latitude at most 90 degrees".to_owned()
        };
        page.fault(
            &raw.span(),
            format!("[{longitude}, {latitude}] is not on earth"),
            remedy,
        );
        None
    }
}

impl Written for AreaCode {
    const FORM: &'static str = "an area code of six digits, as in \"440402\"";
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Text, Shape::Whole])
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let code = match raw.get_ref() {
            DeValue::String(text) if text.len() == 6 => text.parse().ok(),
            DeValue::Integer(_) => integer(raw).and_then(|code| u32::try_from(code).ok()),
            _ => None,
        };
        let code = code.filter(|code| (100_000..1_000_000).contains(code));
        code.map(Self).or_else(|| wrong_form(raw, page))
    }
}

macro_rules! ids {
    ($($id:ty = $form:literal;)*) => {$(
        impl Written for $id {
            const FORM: &'static str = $form;
            fn shape() -> Shape {
                Shape::Either(vec![Shape::Text, Shape::Whole])
            }
            fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
                let text = match raw.get_ref() {
                    DeValue::String(text) => text.clone().into_owned(),
                    DeValue::Integer(number) => number.as_str().to_owned(),
                    _ => return wrong_form(raw, page),
                };
                text.parse().ok().or_else(|| wrong_form(raw, page))
            }
        }
    )*};
}

ids! {
    PartyId = "an office or author, as in \"440400\" or \"440000-met\"";
    RoadId = "a crossing by the region's name, as in \"humen\"";
    Requirement = "a kind with how many and perhaps how long, as in \"pump=3x12h\"";
}

/// One of these words; such as are numbers are read as numbers too.
fn words_shape(codes: Vec<&'static str>) -> Shape {
    if codes.iter().any(|code| code.parse::<u64>().is_ok()) {
        Shape::Either(vec![Shape::Words(codes), Shape::Whole])
    } else {
        Shape::Words(codes)
    }
}

macro_rules! words {
    ($($word:ty = $what:literal;)*) => {$(
        impl Written for $word {
            const FORM: &'static str = concat!("a ", $what);
            fn shape() -> Shape {
                words_shape(Self::ALL.iter().map(|word| word.code()).collect())
            }
            fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
                let known = Self::ALL.iter().map(|word| word.code());
                let text = match raw.get_ref() {
                    DeValue::String(text) => text.clone().into_owned(),
                    DeValue::Integer(number) => number.as_str().to_owned(),
                    _ => {
                        let reason = format!("`{}` is no {}", page.written(&raw.span()), $what);
                        page.fault(&raw.span(), reason, known_words("", known));
                        return None;
                    }
                };
                let word = Self::from_code(&text);
                if word.is_none() {
                    page.unknown(&raw.span(), $what, &shown(&text), known);
                }
                word
            }
        }
    )*};
}

words! {
    Kind = "kind";
    Category = "category";
    Severity = "severity";
    Colour = "colour";
    ResponseLevel = "level";
    RoadState = "road state";
    Autonomy = "autonomy";
    CommandAuthority = "command authority";
    Audience = "audience";
    Trend = "trend";
    Planning = "policy";
    Measure = "measure";
    Saying = "saying";
    ReportKind = "kind of report";
}
