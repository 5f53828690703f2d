// Lowers memory.copy and memory.fill, which the first WebAssembly lacks, to two functions of its own instructions. They go
// by words of eight bytes; binaryen's own lowering goes byte by byte, which made a payload of 1 MiB cost a millisecond
// more. It edits the text of a module and runs nothing.

/** Copies as memory.copy does, between places that may overlap: from the end where the target begins within the source. */
const copy = `
(func $copy (param $to i32) (param $from i32) (param $size i32)
  (if (i32.lt_u (i32.sub (local.get $to) (local.get $from)) (local.get $size))
    (then
      (block $words (loop $word
        (br_if $words (i32.lt_u (local.get $size) (i32.const 8)))
        (local.set $size (i32.sub (local.get $size) (i32.const 8)))
        (i64.store align=1 (i32.add (local.get $to) (local.get $size))
          (i64.load align=1 (i32.add (local.get $from) (local.get $size))))
        (br $word)))
      (block $bytes (loop $byte
        (br_if $bytes (i32.eqz (local.get $size)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (i32.store8 (i32.add (local.get $to) (local.get $size)) (i32.load8_u (i32.add (local.get $from) (local.get $size))))
        (br $byte))))
    (else
      (block $words (loop $word
        (br_if $words (i32.lt_u (local.get $size) (i32.const 8)))
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $size (i32.sub (local.get $size) (i32.const 8)))
        (br $word)))
      (block $bytes (loop $byte
        (br_if $bytes (i32.eqz (local.get $size)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (br $byte))))))`

const fill = `
(func $fill (param $to i32) (param $value i32) (param $size i32)
  (local $word i64)
  (local.set $word (i64.mul (i64.extend_i32_u (i32.and (local.get $value) (i32.const 255))) (i64.const 0x0101010101010101)))
  (block $words (loop $eight
    (br_if $words (i32.lt_u (local.get $size) (i32.const 8)))
    (i64.store align=1 (local.get $to) (local.get $word))
    (local.set $to (i32.add (local.get $to) (i32.const 8)))
    (local.set $size (i32.sub (local.get $size) (i32.const 8)))
    (br $eight)))
  (block $bytes (loop $byte
    (br_if $bytes (i32.eqz (local.get $size)))
    (i32.store8 (local.get $to) (local.get $value))
    (local.set $to (i32.add (local.get $to) (i32.const 1)))
    (local.set $size (i32.sub (local.get $size) (i32.const 1)))
    (br $byte))))`

/**
 * The same module without both instructions, whose operands are the functions' arguments.
 * @param {string} text as wasm-dis writes it
 */
export function lowerCopies(text) {
  const end = text.lastIndexOf(')')
  const lowered = text.slice(0, end).replaceAll('(memory.copy', '(call $copy').replaceAll('(memory.fill', '(call $fill')
  return `${lowered}${copy}${fill}\n${text.slice(end)}`
}
