//! What a key means. The same keys on every page.

/// What the page can be told with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Put the caret into the filter.
    FocusFilter,
    /// Show the fleet.
    GoFleet,
    /// Leave the filter, close what is open, or climb back to the fleet, whichever is first.
    Escape,
    /// To the next row.
    Next,
    /// To the row before.
    Previous,
    /// Open the row.
    Open,
    /// Dark to light and back.
    ToggleTheme,
    /// Show or hide the list of keys.
    Help,
    /// Follow the present again.
    Live,
    /// Sort now, even under the pointer.
    Resort,
}

/// Every key with its meaning, for the list of keys.
pub const LIST: &[(&str, &str)] = &[
    ("/", "type a filter"),
    ("g f", "go to the fleet"),
    ("j k", "next and previous host"),
    ("Enter", "open the host"),
    ("Esc", "leave, close, go back"),
    ("R", "sort now"),
    ("L", "back to live"),
    ("D", "dark or light"),
    ("?", "this list"),
];

/// How long the second key of a pair may take.
const PAIR_MS: f64 = 1_500.0;

/// Turns key presses into actions; remembers the first key of a pair.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    go_at_ms: Option<f64>,
}

impl Keys {
    /// The action of `key` (as `KeyboardEvent.key` names it), if it has one. `typing` tells that a
    /// text field has the focus, where only Escape is ours; `modified` that Ctrl, Alt or Meta is held,
    /// which is always the browser's.
    pub fn press(&mut self, key: &str, typing: bool, modified: bool, now_ms: f64) -> Option<Action> {
        let go = self.go_at_ms.take().is_some_and(|at| now_ms - at <= PAIR_MS);
        if modified {
            return None;
        }
        if typing {
            return (key == "Escape").then_some(Action::Escape);
        }
        match key {
            "f" if go => Some(Action::GoFleet),
            "g" => {
                self.go_at_ms = Some(now_ms);
                None
            }
            "/" => Some(Action::FocusFilter),
            "Escape" => Some(Action::Escape),
            "j" | "ArrowDown" => Some(Action::Next),
            "k" | "ArrowUp" => Some(Action::Previous),
            "Enter" => Some(Action::Open),
            "D" => Some(Action::ToggleTheme),
            "?" => Some(Action::Help),
            "L" => Some(Action::Live),
            "R" => Some(Action::Resort),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_keys() {
        #[track_caller]
        fn check(key: &str, action: Option<Action>) {
            assert_eq!(Keys::default().press(key, false, false, 0.0), action, "{key}");
        }
        check("/", Some(Action::FocusFilter));
        check("j", Some(Action::Next));
        check("ArrowUp", Some(Action::Previous));
        check("?", Some(Action::Help));
        check("f", None);
        check("d", None);
    }

    #[test]
    fn a_pair_must_be_quick_and_unbroken() {
        let mut keys = Keys::default();
        assert_eq!(keys.press("g", false, false, 0.0), None);
        assert_eq!(keys.press("f", false, false, 1_000.0), Some(Action::GoFleet));
        keys.press("g", false, false, 2_000.0);
        assert_eq!(keys.press("f", false, false, 4_000.0), None);
        keys.press("g", false, false, 5_000.0);
        keys.press("x", false, false, 5_100.0);
        assert_eq!(keys.press("f", false, false, 5_200.0), None);
    }

    #[test]
    fn typing_and_the_browser_come_first() {
        let mut keys = Keys::default();
        assert_eq!(keys.press("j", true, false, 0.0), None);
        assert_eq!(keys.press("Escape", true, false, 0.0), Some(Action::Escape));
        assert_eq!(keys.press("R", false, true, 0.0), None);
    }
}
