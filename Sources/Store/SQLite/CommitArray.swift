internal import CSystem

/// An array of fixed size with one owner, for the inner loops of a commit: no copy on write, no exclusivity checks, every
/// index checked.
@safe
final class CommitArray<Element: BitwiseCopyable> {
    // Proof: allocated here, freed here, and never lent for longer than this object lives.
    private let elements: UnsafeMutableBufferPointer<Element>
    let count: Int

    init(_ count: Int, _ value: Element) {
        self.count = count
        unsafe elements = .allocate(capacity: count)
        unsafe elements.initialize(repeating: value)
    }

    deinit {
        unsafe elements.deallocate()
    }

    subscript(index: Int) -> Element {
        @inline(__always)
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe elements[index]
        }
        @inline(__always)
        set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            unsafe elements[index] = newValue
        }
    }

    /// Has an element fetched that will be asked for soon.
    @inline(__always)
    func prefetch(_ index: Int) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        unsafe csystem_prefetch(elements.baseAddress.map { unsafe $0 + index })
    }

    /// Where the elements lie, for a statement that reads them there while this object lives.
    @unsafe
    var lent: UnsafeMutableBufferPointer<Element> { unsafe elements }
}
