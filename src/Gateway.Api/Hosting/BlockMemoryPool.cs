using System.Buffers;
using System.Runtime.InteropServices;

namespace Gateway.Api.Hosting;

/// <summary>
/// Transport memory in pinned blocks of 256 KiB instead of 4: one receive or send moves up to a block, which halves the processor
/// time of a transfer. (Of a small request only the pages that it uses take memory.) Free blocks are kept up to a bound; what
/// is above it goes back to the garbage collector.
/// </summary>
/// <remarks>
/// Where many are in use, further ones have 64 KiB. What Kestrel reads ahead of an upload begins and ends in the middle of a block: of 200
/// uploads that was 40 MiB.
/// </remarks>
internal sealed class BlockMemoryPool : MemoryPool<byte>
{
    /// <summary>Bytes in a block.</summary>
    public const int BlockSize = 256 * 1024;

    /// <summary>Bytes in a small block.</summary>
    public const int SmallBlockSize = 64 * 1024;

    /// <summary>With as many blocks in use, who needs no more gets a small one: some thirty transfers.</summary>
    public const int AmpleBlocks = 96;

    /// <summary>Most bytes in free blocks.</summary>
    public const int MaxFree = 128 * 1024 * 1024;

    private readonly Lock _lock = new();

    /// <summary>The last one returned is the first one rented: its bytes are still in the processor's cache.</summary>
    private readonly Stack<Block> _free = new();

    private readonly Stack<Block> _freeSmall = new();
    private int _largeInUse;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Bytes in free blocks at this moment.</summary>
    public long FreeBytes
    {
        get
        {
            lock (_lock)
            {
                return CountFree();
            }
        }
    }

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        Block? block;
        int size;
        lock (_lock)
        {
            // (A free block takes its memory whether it is used or not.)
            size = minBufferSize > SmallBlockSize || _largeInUse < AmpleBlocks || _free.Count > 0 ? BlockSize : SmallBlockSize;
            if (size == BlockSize)
            {
                _largeInUse++;
            }

            Shelf(size).TryPop(out block);
        }

        if (block is null)
        {
            return new Block(this, size);
        }

        block.MarkRented();
        return block;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _free.Clear();
            _freeSmall.Clear();
        }
    }

    private void Return(Block block)
    {
        var size = block.Memory.Length;
        lock (_lock)
        {
            if (size == BlockSize)
            {
                _largeInUse--;
            }

            // Small ones make room: else a crowd would leave no place for those that every request takes.
            while (size == BlockSize && CountFree() + size > MaxFree && _freeSmall.TryPop(out _))
            {
            }

            if (CountFree() + size <= MaxFree)
            {
                Shelf(size).Push(block);
            }
        }
    }

    private long CountFree() => ((long)_free.Count * BlockSize) + ((long)_freeSmall.Count * SmallBlockSize);

    private Stack<Block> Shelf(int size) => size == BlockSize ? _free : _freeSmall;

    private sealed class Block(BlockMemoryPool pool, int size) : IMemoryOwner<byte>
    {
        private int _isFree;

        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(
            GC.AllocateUninitializedArray<byte>(size, pinned: true), 0, size);

        public void MarkRented() => Volatile.Write(ref _isFree, 0);

        public void Dispose()
        {
            // A block returned twice would be rented twice, and mix two callers' bytes.
            if (Interlocked.Exchange(ref _isFree, 1) == 0)
            {
                pool.Return(this);
            }
        }
    }
}
