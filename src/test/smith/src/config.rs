//! What a module may be made of. Each has its own choice of the features that the agent's engine
//! knows ("swarm testing"): a feature hides bugs of others if it is always there.

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, MemorySection,
    MemoryType, Module, TypeSection, ValType,
};
use wasm_smith::Config;

use crate::seed::Random;

/// Every sixteenth may run for ever, so that stopping it is tried, too.
pub fn is_endless(seed: u32) -> bool {
    seed % 16 == 15
}

/// Random code hardly ever returns a usable address: one in four keeps such an `alloc`.
pub fn has_honest_alloc(seed: u32) -> bool {
    seed % 4 != 0
}

pub fn swarm(random: &mut Random) -> Config {
    let floats = !random.one_in(4);
    let references = !random.one_in(3);
    Config {
        exports: Some(abi()),
        max_imports: 0,
        allow_start_export: random.one_in(4),
        allow_floats: floats,
        // NaNs may have any payload; without this the engines would rightly differ.
        canonicalize_nans: true,
        bulk_memory_enabled: !random.one_in(3),
        reference_types_enabled: references,
        simd_enabled: random.one_in(16),
        exceptions_enabled: random.one_in(6),
        tail_call_enabled: random.one_in(2),
        multi_value_enabled: !random.one_in(4),
        sign_extension_ops_enabled: !random.one_in(4),
        saturating_float_to_int_enabled: !random.one_in(4),
        extended_const_enabled: !random.one_in(3),
        threads_enabled: random.one_in(8),
        gc_enabled: references && random.one_in(16),
        max_memories: if random.one_in(4) { 3 } else { 1 },
        max_tables: if references { 4 } else { 1 },
        max_memory32_bytes: 4 << 20,
        max_table_elements: 2_000,
        max_funcs: random.between(4, 24),
        max_instructions: random.between(20, 400),
        max_globals: 16,
        max_types: 24,
        max_tags: 6,
        max_data_segments: 8,
        max_element_segments: 8,
        max_elements: 24,
        disallow_traps: random.one_in(3),
        // Not in the engine.
        relaxed_simd_enabled: false,
        memory64_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        ..Config::default()
    }
}

/// A module with the agent's exports, which wasm-smith makes others like.
fn abi() -> Vec<u8> {
    use ValType::{I32, I64};
    let mut types = TypeSection::new();
    types.ty().function([I32], [I32]);
    types.ty().function([I32, I32], []);
    types.ty().function([I32, I32], [I64]);
    let mut functions = FunctionSection::new();
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 2,
        maximum: Some(16),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    let mut code = CodeSection::new();
    for (index, (name, ty)) in
        [("alloc", 0), ("dealloc", 1), ("on_request_headers", 2), ("on_response_headers", 2)]
            .into_iter()
            .enumerate()
    {
        functions.function(ty);
        exports.export(name, ExportKind::Func, index as u32);
        let mut body = Function::new([]);
        body.instruction(&Instruction::Unreachable);
        body.instruction(&Instruction::End);
        code.function(&body);
    }
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code);
    module.finish()
}
