//! What the npm build has instead of std: an allocator, and what a panic does.

/// A panic is a bug. It traps; JavaScript retires the instance and reports one lost connection.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
