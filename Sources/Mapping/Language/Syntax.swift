/// A transform as it was written: names not looked up yet, types not known.
///
/// Positions are offsets into the transform's Unicode scalars. `a | f(x)` stands as a call of `f` with `a` as its receiver,
/// just as `a.f(x)` would.
struct Syntax: Sendable, Equatable {
    var kind: Kind
    var range: Range<Int>

    indirect enum Kind: Sendable, Equatable {
        case literal(Literal)
        case field(String)
        case call(Call)
    }

    struct Call: Sendable, Equatable {
        var function: String
        var nameRange: Range<Int>
        var receiver: Syntax
        var arguments: [Syntax]
    }
}

/// A value written out in a transform.
package indirect enum Literal: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case truth(Bool)
    case null
    case map([MapEntry])

    package struct MapEntry: Sendable, Equatable {
        package var key: String
        package var value: Literal
        var keyRange: Range<Int>
        var valueRange: Range<Int>
    }
}
