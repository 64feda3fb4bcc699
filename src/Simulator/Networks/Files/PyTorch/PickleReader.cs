using System.Buffers.Binary;
using System.Text;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>
/// Reads Python's pickle format, protocol 2, as far as PyTorch writes it (Python's
/// Lib/pickletools.py names the operations). A pickle is a program for a stack machine; here it can
/// build data and nothing else: what it would import or call is only written down.
/// </summary>
internal ref struct PickleReader
{
    private const int Protocol = 2;

    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<int, object?> _memo = [];
    private ReadOnlySpan<byte> _rest;

    private PickleReader(ReadOnlySpan<byte> pickle) => _rest = pickle;

    /// <summary>The value that a pickle stands for.</summary>
    /// <exception cref="InvalidDataException">
    /// It is cut short, damaged, or of another protocol.
    /// </exception>
    public static object? Read(ReadOnlySpan<byte> pickle) => Read(pickle, [], out _);

    /// <summary>The same of the first of several pickles, one behind the other.</summary>
    /// <param name="pickles">The pickles, and whatever follows them.</param>
    /// <param name="references">Filled with what the pickle leaves to whoever reads it.</param>
    /// <param name="length">Bytes of the first one.</param>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static object? Read(
        ReadOnlySpan<byte> pickles, ICollection<PickledReference> references, out int length)
    {
        var reader = new PickleReader(pickles);
        while (true)
        {
            byte operation = reader.Take(1)[0];
            if (operation == (byte)'.')
            {
                length = pickles.Length - reader._rest.Length;
                return reader.Pop();
            }

            reader.Do(operation);
            if (operation == (byte)'Q' && reader.Peek() is PickledReference found)
                references.Add(found);
        }
    }

    private void Do(byte operation)
    {
        switch ((char)operation)
        {
            case '\x80': RequireProtocol(Take(1)[0]); break;
            case '(': _stack.Push(PickledMark.Instance); break;
            case '0': Pop(); break;
            case 'N': _stack.Push(null); break;
            case '\x88': _stack.Push(true); break;
            case '\x89': _stack.Push(false); break;
            case 'K': _stack.Push((long)Take(1)[0]); break;
            case 'M': _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 'J': _stack.Push((long)Int32()); break;
            case '\x8a': _stack.Push(Long(Take(Take(1)[0]))); break;
            case 'G': _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case 'X' or 'T': _stack.Push(Encoding.UTF8.GetString(Take(Int32()))); break;
            case 'U': _stack.Push(Encoding.Latin1.GetString(Take(Take(1)[0]))); break;
            case ')': _stack.Push(Array.Empty<object?>()); break;
            case 't': _stack.Push(PopToMark()); break;
            case '\x85' or '\x86' or '\x87': _stack.Push(PopMany(operation - 0x84)); break;
            case ']': _stack.Push(new List<object?>()); break;
            case 'a': Append([Pop()]); break;
            case 'e': Append(PopToMark()); break;
            case '}': _stack.Push(new PickledMap()); break;
            case 's': Set(PopMany(2)); break;
            case 'u': Set(PopToMark()); break;
            case 'q': _memo[Take(1)[0]] = Peek(); break;
            case 'r': _memo[Int32()] = Peek(); break;
            case 'h': _stack.Push(Remembered(Take(1)[0])); break;
            case 'j': _stack.Push(Remembered(Int32())); break;
            case 'c': _stack.Push(new PickledName($"{Line()}.{Line()}")); break;
            case 'R' or '\x81': Call(Pop<object?[]>()); break;
            case 'b': Build(Pop()); break;
            case 'Q': _stack.Push(Reference(Pop<object?[]>())); break;
            default:
                throw new InvalidDataException(
                    $"its pickle holds operation 0x{operation:x2}, which PyTorch does not write");
        }
    }

    /// <summary>A storage; or a class, whose source code old files carry along.</summary>
    private static object Reference(object?[] id) =>
        id is ["module", PickledName name, ..] ? name : new PickledReference(id);

    private static void RequireProtocol(int protocol)
    {
        if (protocol != Protocol)
            throw new InvalidDataException(
                $"pickle protocol {protocol} (supported: {Protocol}, which PyTorch writes)");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new InvalidDataException("its pickle is cut short");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    /// <summary>Two's complement, little endian, as short as it goes.</summary>
    private static long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long)) throw Damaged();
        long value = 0;
        for (int i = 0; i < bytes.Length; i++) value |= (long)bytes[i] << (8 * i);
        int unused = 64 - (8 * bytes.Length);
        return bytes.IsEmpty ? 0 : value << unused >> unused;
    }

    private string Line()
    {
        int end = _rest.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(Take(end));
        Take(1);
        return line;
    }

    private object? Peek() => _stack.TryPeek(out object? top) ? top : throw Damaged();

    private object? Pop() => _stack.TryPop(out object? top) ? top : throw Damaged();

    private T Pop<T>() => Pop() is T value ? value : throw Damaged();

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (int i = count - 1; i >= 0; i--) values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        List<object?> values = [];
        for (object? top = Pop(); top is not PickledMark; top = Pop()) values.Add(top);
        values.Reverse();
        return [.. values];
    }

    private object? Remembered(int index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Damaged();

    private void Append(object?[] values)
    {
        if (Peek() is not List<object?> list) throw Damaged();
        list.AddRange(values);
    }

    private void Set(object?[] pairs)
    {
        if (Peek() is not PickledMap map || pairs.Length % 2 != 0) throw Damaged();
        for (int i = 0; i < pairs.Length; i += 2) map.Entries.Add((pairs[i], pairs[i + 1]));
    }

    private void Call(object?[] arguments)
    {
        string function = Pop<PickledName>().Name;
        _stack.Push(
            function == "collections.OrderedDict" && arguments.Length == 0
                ? new PickledMap()
                : new PickledCall(function, arguments));
    }

    /// <summary>A map's own attributes are none of its entries.</summary>
    private void Build(object? state)
    {
        if (Peek() is PickledCall made) made.State = state as PickledMap;
    }

    private static InvalidDataException Damaged() => new("its pickle is damaged");
}
