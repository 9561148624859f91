internal import Glibc

/// A POSIX counting semaphore. sem_overview(7).
@safe
package final class Semaphore: Sendable {
    // Proof: sem_post and sem_wait are made for use from any thread; the memory is freed after the last reference.
    private nonisolated(unsafe) let handle: UnsafeMutablePointer<sem_t>

    package init(value: UInt32 = 0) {
        unsafe handle = .allocate(capacity: 1)
        unsafe sem_init(handle, 0, value)
    }

    deinit {
        unsafe sem_destroy(handle)
        unsafe handle.deallocate()
    }

    package func signal() {
        unsafe sem_post(handle)
    }

    package func wait() {
        while unsafe sem_wait(handle) != 0 {}
    }
}
