//! ouro-brainfuck
