internal import CSystem
internal import Glibc

/// A thread of one's own, for work that blocks. pthreads(7).
///
/// It runs until its body returns; who drops the value does not wait for it.
package struct Thread: ~Copyable, Sendable {
    private let handle: pthread_t

    /// `name` is shown by `ps -L` and `gdb`, cut at 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let start = Start(name: name, body: body)
        var handle = pthread_t()
        let context = unsafe Unmanaged.passRetained(start).toOpaque()
        let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context = unsafe context else { return nil }
            let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
            unsafe csystem_name_thread(start.name)
            start.body()
            return nil
        }
        let code = unsafe pthread_create(&handle, nil, run, context)
        guard code == 0 else {
            unsafe Unmanaged<Start>.fromOpaque(context).release()
            throw SystemError(call: "pthread_create", subject: name, code: code)
        }
        self.handle = handle
    }

    deinit {
        pthread_detach(handle)
    }

    /// Waits until the body has returned and the thread is gone.
    package consuming func join() {
        pthread_join(handle, nil)
        discard self
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
