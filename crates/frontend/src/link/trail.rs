//! The past of the sparklines, asked for once: two minutes that the page did not see itself.

use cpumonitor_common::wire::{self, Trail};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::app::Screen;

const URL: &str = "/api/v1/trail?metric=cpu&seconds=120&step=2";

/// Asks and believes the answer. When there is none the sparklines fill up second by second, which
/// they do anyway.
pub(super) async fn fetch(screen: Screen) {
    let Ok(bytes) = get(URL).await else { return };
    if let Ok(trail) = wire::decode::<Trail>(&bytes) {
        screen.mark(screen.write(|state| state.model.apply_trail(&trail)));
    }
}

async fn get(url: &str) -> Result<Vec<u8>, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(url)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}
