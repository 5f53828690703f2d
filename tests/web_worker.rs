//! As `web.rs`, in a worker: there is no window.
#![cfg(all(target_arch = "wasm32", feature = "web"))]

mod web {
    pub mod connections;
    pub mod control;
    pub mod messages;
    pub mod stores;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
