//! How functions of the interface are written down.
//!
//! The bodies are unsafe: what C passes is what the documentation of CPython says, and nobody can check it. `build.rs`
//! reads the names from lines that begin with `fn` or `variadic!(`.

/// Functions that C calls.
macro_rules! api {
    ($($(#[$m:meta])* fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? $body:block)*) => {
        $(
            $(#[$m])*
            #[unsafe(no_mangle)]
            #[allow(missing_docs)]
            pub unsafe extern "C" fn $name($($a: $t),*) $(-> $r)? $body
        )*
    };
}
/// Unsafe functions of this crate that are no part of the interface, for use by it.
macro_rules! inner {
    ($($(#[$m:meta])* $v:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? $body:block)*) => {
        $($(#[$m])* $v unsafe fn $name($($a: $t),*) $(-> $r)? $body)*
    };
}
/// Functions of the interface's slots, which C calls through pointers.
macro_rules! slot_functions {
    ($($(#[$m:meta])* fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? $body:block)*) => {
        $($(#[$m])* pub unsafe extern "C" fn $name($($a: $t),*) $(-> $r)? $body)*
    };
}
/// A function with `...` after its fixed arguments: it calls the target with the fixed arguments and a `va_list`.
///
/// Rust cannot define such functions. This one stores the argument registers where the System V ABI says that a `va_list`
/// finds them, and passes its address as one more argument in the given register.
macro_rules! variadic {
    ($name:ident, $fixed:literal, $register:literal, $target:path) => {
        #[doc = concat!("See [`", stringify!($target), "`].")]
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            std::arch::naked_asm!(
                "sub rsp, 0xd8",
                "mov [rsp + 0x20], rdi",
                "mov [rsp + 0x28], rsi",
                "mov [rsp + 0x30], rdx",
                "mov [rsp + 0x38], rcx",
                "mov [rsp + 0x40], r8",
                "mov [rsp + 0x48], r9",
                "test al, al",
                "je 2f",
                "movaps [rsp + 0x50], xmm0",
                "movaps [rsp + 0x60], xmm1",
                "movaps [rsp + 0x70], xmm2",
                "movaps [rsp + 0x80], xmm3",
                "movaps [rsp + 0x90], xmm4",
                "movaps [rsp + 0xa0], xmm5",
                "movaps [rsp + 0xb0], xmm6",
                "movaps [rsp + 0xc0], xmm7",
                "2:",
                concat!("mov dword ptr [rsp], ", $fixed, " * 8"),
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 0xe0]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 0x20]",
                "mov [rsp + 16], rax",
                concat!("mov ", $register, ", rsp"),
                "call {target}",
                "add rsp, 0xd8",
                "ret",
                target = sym $target,
            )
        }
    };
}
