//! Advice to the operating system about large blocks of memory.

/// Asks for huge pages for the part of a block that takes whole ones, on systems that have them and wait to be asked. They
/// spare large matrices most misses of the tables of pages: packing 4096 rows with a distance of 16 KiB between them
/// takes half the time. No page is taken that the block would not fill.
///
/// # Safety
/// The block is allocated.
#[cfg(target_os = "linux")]
pub(crate) unsafe fn prefer_huge_pages(first: *const u8, bytes: usize) {
    const HUGE_PAGE: usize = 2 << 20;
    let start = first.addr().next_multiple_of(HUGE_PAGE);
    let end = (first.addr() + bytes) / HUGE_PAGE * HUGE_PAGE;
    if start < end {
        // SAFETY: the part lies in the block, and the advice changes no content. If it is refused, nothing is lost.
        unsafe {
            let first = first.with_addr(start).cast_mut().cast();
            libc::madvise(first, end - start, libc::MADV_HUGEPAGE);
        }
    }
}

/// Other systems take huge pages by themselves or not at all.
///
/// # Safety
/// None is needed.
#[cfg(not(target_os = "linux"))]
pub(crate) unsafe fn prefer_huge_pages(_: *const u8, _: usize) {}
