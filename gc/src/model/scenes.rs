//! What a random program of a hundred operations cannot show.
use super::objects::*;
use crate::*;

/// Objects of the chain.
const LENGTH: u64 = 1_000_000;
/// Neither following nor freeing a chain may need more of the native stack, however long the chain is.
const STACK_BYTES: usize = 512 << 10;

/// B8: a chain of a million objects is followed while it lives, and freed when it is dropped, on a small stack.
pub fn a_long_chain(row: &CollectorInfo) {
    let row = *row;
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let body = move || {
        let config = Config::parse(&format!(
            "{},roots=precise,threshold=8M,nursery=1M",
            row.name
        ));
        let heap = Heap::new(config.expect("the options are right"), &[row], types());
        let heap = heap.expect("there is address space");
        let last = heap.root(node(&heap, 0));
        for serial in 1..LENGTH {
            let new = heap.alloc_checked(Node::id(), Node::BYTES);
            new.expect::<Node>().serial.set(serial);
            new.expect::<Node>().slots[0].init(last.get());
            last.set(new);
            heap.poll();
        }
        heap.collect(Reason::Explicit);
        let bytes = LENGTH as usize * Node::BYTES as usize;
        assert!(
            heap.live_bytes() >= bytes,
            "B8: a part of the chain is gone"
        );
        last.set(Gc::NULL);
        heap.collect(Reason::Explicit);
        assert_eq!(heap.live_bytes(), 0, "B8: a part of the chain is left");
    };
    let thread = thread.spawn(body).expect("the system has threads");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
