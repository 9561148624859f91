internal import CSystem

/// Bytes that nobody can foresee, from the kernel. getrandom(2).
package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe csystem_random(&bytes, count)
    // It fails for a kernel without the call and for a wrong address: neither can be gone on from.
    precondition(result == 0, "getrandom failed")
    return bytes
}
