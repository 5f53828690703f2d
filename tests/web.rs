//! The async client in a page, against real brokers: `node tests/web.mjs chrome` starts them.
#![cfg(all(target_arch = "wasm32", feature = "web"))]

mod web {
    pub mod connections;
    pub mod control;
    pub mod crash;
    pub mod hidden;
    pub mod messages;
    pub mod stores;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
