//! An object of a JSON file, read key by key: a key that nobody asked for is a fault.

use protocol::{Point, known_words};
use serde_json::{Map, Value};

use crate::fault::{At, Faults};
use crate::name::Name;

/// An object and where it stands.
pub(crate) struct Object<'a> {
    file: &'a str,
    place: String,
    map: &'a Map<String, Value>,
    asked: Vec<&'static str>,
}

impl<'a> Object<'a> {
    /// The object in a value; a fault if the value is none.
    pub(crate) fn of(
        file: &'a str,
        place: String,
        value: &'a Value,
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.add(
                At::place(file, &place),
                "this is no object".to_owned(),
                "write { … }",
            );
            return None;
        };
        Some(Self {
            file,
            place,
            map,
            asked: Vec::new(),
        })
    }

    /// The value of a key that must be there.
    pub(crate) fn value(&mut self, key: &'static str, faults: &mut Faults) -> Option<&'a Value> {
        let found = self.optional(key);
        if found.is_none() {
            let reason = format!("key \"{key}\" is missing");
            faults.add(At::place(self.file, &self.place), reason, "add it");
        }
        found
    }

    /// The value of a key that may be there.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<&'a Value> {
        self.asked.push(key);
        self.map.get(key)
    }

    /// A text that must be there and not be empty.
    pub(crate) fn text(&mut self, key: &'static str, faults: &mut Faults) -> Option<String> {
        let value = self.value(key, faults)?;
        self.as_text(key, value, faults)
    }

    /// A text that may be there.
    pub(crate) fn optional_text(
        &mut self,
        key: &'static str,
        faults: &mut Faults,
    ) -> Option<String> {
        let value = self.optional(key)?;
        self.as_text(key, value, faults)
    }

    /// A whole number within limits.
    pub(crate) fn whole(
        &mut self,
        key: &'static str,
        limits: std::ops::RangeInclusive<i64>,
        faults: &mut Faults,
    ) -> Option<i64> {
        let value = self.value(key, faults)?;
        let found = value.as_i64().filter(|number| limits.contains(number));
        if found.is_none() {
            let wanted = format!("a whole number from {} to {}", limits.start(), limits.end());
            self.refuse(key, value, &wanted, faults);
        }
        found
    }

    /// A number that is not negative.
    pub(crate) fn positive(&mut self, key: &'static str, faults: &mut Faults) -> Option<f64> {
        let value = self.value(key, faults)?;
        let found = value
            .as_f64()
            .filter(|number| number.is_finite() && *number >= 0.0);
        if found.is_none() {
            self.refuse(key, value, "a number, 0 or more", faults);
        }
        found
    }

    /// A list of so many numbers.
    pub(crate) fn numbers<const N: usize>(
        &mut self,
        key: &'static str,
        faults: &mut Faults,
    ) -> Option<[f64; N]> {
        let value = self.value(key, faults)?;
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
        let found = <[f64; N]>::try_from(numbers)
            .ok()
            .filter(|_| list.len() == N);
        if found.is_none() {
            self.refuse(key, value, &format!("a list of {N} numbers"), faults);
        }
        found
    }

    /// A place as `[longitude, latitude]` in degrees.
    pub(crate) fn point(&mut self, key: &'static str, faults: &mut Faults) -> Option<Point> {
        let [longitude, latitude] = self.numbers(key, faults)?;
        if longitude.abs() > 180.0 || latitude.abs() > 90.0 {
            let reason = format!("{key} [{longitude}, {latitude}] is not on the earth");
            let remedy = "write [longitude, latitude] in degrees";
            faults.add(At::place(self.file, &self.below(key)), reason, remedy);
            return None;
        }
        Some(Point::degrees(longitude, latitude))
    }

    /// A name as `{ "zh": …, "en": … }`.
    pub(crate) fn name(&mut self, key: &'static str, faults: &mut Faults) -> Option<Name> {
        let value = self.value(key, faults)?;
        let mut inner = Object::of(self.file, self.below(key), value, faults)?;
        let (zh, en) = (inner.text("zh", faults), inner.text("en", faults));
        inner.finish(faults);
        Some(Name { zh: zh?, en: en? })
    }

    /// The objects of a list.
    pub(crate) fn objects(&mut self, key: &'static str, faults: &mut Faults) -> Vec<Self> {
        let Some(value) = self.value(key, faults) else {
            return Vec::new();
        };
        let Some(list) = value.as_array() else {
            self.refuse(key, value, "a list", faults);
            return Vec::new();
        };
        let mut objects = Vec::new();
        for (count, item) in list.iter().enumerate() {
            let place = self.below(&format!("{key}[{count}]"));
            objects.extend(Object::of(self.file, place, item, faults));
        }
        objects
    }

    /// Names every key that nobody asked for.
    pub(crate) fn finish(self, faults: &mut Faults) {
        for key in self
            .map
            .keys()
            .filter(|key| !self.asked.contains(&key.as_str()))
        {
            let remedy = known_words(key, self.asked.iter().copied());
            let place = self.below(key);
            let at = At::place(self.file, &place);
            faults.add(at, format!("unknown key \"{key}\""), remedy);
        }
    }

    /// Where this object stands.
    pub(crate) fn at(&self) -> At<'_> {
        At::place(self.file, &self.place)
    }

    /// A fault about the value of a key.
    pub(crate) fn refuse(&self, key: &str, value: &Value, wanted: &str, faults: &mut Faults) {
        let found: String = value.to_string().chars().take(60).collect();
        let reason = format!("{found} is not {wanted}");
        let place = self.below(key);
        faults.add(
            At::place(self.file, &place),
            reason,
            format!("write {wanted}"),
        );
    }

    fn as_text(&self, key: &str, value: &Value, faults: &mut Faults) -> Option<String> {
        let found = value
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        if found.is_none() {
            self.refuse(key, value, "a text", faults);
        }
        found.map(str::to_owned)
    }

    fn below(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.place)
        }
    }
}
