//! Where the boxes of a drawing stand: in layers by longest path, ordered by barycentre so that few lines cross, and as
//! straight above each other as they fit. What is drawn there stands in `tape/svg.rs`.
//!
//! K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", IEEE
//! Transactions on Systems, Man and Cybernetics 11(2), 1981.

/// How often the order of all layers is improved, down and up.
const N_ORDERINGS: usize = 8;
/// How often boxes are moved towards what they are connected with.
const N_ALIGNMENTS: usize = 12;
/// The free space between neighbours of a layer, in pixels.
const GAP: f64 = 24.0;

/// A point of the layout: a box, or where the line that leaves a box passes a layer.
pub(super) struct Place {
    pub(super) layer: usize,
    /// The middle, in pixels.
    pub(super) x: f64,
    pub(super) width: f64,
}

/// All places, the boxes first, and the lines between places of neighbouring layers.
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// From the upper place to the lower one.
    pub(super) lines: Vec<(usize, usize)>,
    /// The line that each arrow arrives by, from the place before its end.
    pub(super) last_stops: Vec<usize>,
    pub(super) n_layers: usize,
}

impl Layout {
    /// The layout of boxes of the given widths, of which every arrow goes to one with a greater number.
    pub(super) fn new(widths: &[f64], arrows: &[(usize, usize)]) -> Layout {
        let layers = layers(widths.len(), arrows);
        let places =
            layers.iter().zip(widths).map(|(&layer, &width)| Place { layer, x: 0.0, width }).collect();
        let n_layers = layers.iter().max().map_or(0, |&last| last + 1);
        let mut layout = Layout { places, lines: Vec::new(), last_stops: Vec::new(), n_layers };
        layout.route(arrows);
        layout.arrange();
        layout
    }

    /// Gives every arrow a stop in each layer that it passes. Arrows that leave the same box share their stops.
    fn route(&mut self, arrows: &[(usize, usize)]) {
        let mut stops: Vec<Vec<usize>> = (0..self.places.len()).map(|place| vec![place]).collect();
        for &(from, to) in arrows {
            let n_stops = self.places[to].layer - self.places[from].layer;
            while stops[from].len() < n_stops {
                let above = stops[from][stops[from].len() - 1];
                self.lines.push((above, self.places.len()));
                stops[from].push(self.places.len());
                self.places.push(Place { layer: self.places[above].layer + 1, x: 0.0, width: 0.0 });
            }
            self.last_stops.push(stops[from][n_stops - 1]);
            self.lines.push((stops[from][n_stops - 1], to));
        }
    }

    fn arrange(&mut self) {
        let mut rows = vec![Vec::new(); self.n_layers];
        for (index, place) in self.places.iter().enumerate() {
            rows[place.layer].push(index);
        }
        let (above, below) = self.neighbours();
        for round in 0..N_ORDERINGS {
            self.number(&rows);
            let (order, neighbours) = self.sweep(round, &above, &below);
            for layer in order {
                let key = |&place: &usize| self.mean_x(&neighbours[place]).unwrap_or(self.places[place].x);
                let mut keyed: Vec<(f64, usize)> =
                    rows[layer].iter().map(|place| (key(place), *place)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                rows[layer] = keyed.into_iter().map(|(_, place)| place).collect();
                self.number(&rows[layer..=layer]);
            }
        }
        for row in &rows {
            let wanted = vec![0.0; row.len()];
            self.spread(row, &wanted);
        }
        for round in 0..N_ALIGNMENTS {
            let (order, neighbours) = self.sweep(round, &above, &below);
            for layer in order {
                let wish = |&place: &usize| self.mean_x(&neighbours[place]).unwrap_or(self.places[place].x);
                let wanted: Vec<f64> = rows[layer].iter().map(wish).collect();
                self.spread(&rows[layer], &wanted);
            }
        }
    }

    /// The layers in the order of a round, down or up, and what each place looks at.
    fn sweep<'n>(
        &self,
        round: usize,
        above: &'n [Vec<usize>],
        below: &'n [Vec<usize>],
    ) -> (Vec<usize>, &'n [Vec<usize>]) {
        if round.is_multiple_of(2) {
            ((0..self.n_layers).collect(), above)
        } else {
            ((0..self.n_layers).rev().collect(), below)
        }
    }

    fn neighbours(&self) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let mut above = vec![Vec::new(); self.places.len()];
        let mut below = above.clone();
        for &(from, to) in &self.lines {
            above[to].push(from);
            below[from].push(to);
        }
        (above, below)
    }

    fn number(&mut self, rows: &[Vec<usize>]) {
        for row in rows {
            for (position, &place) in row.iter().enumerate() {
                // In the middle of its layer, so that narrow and wide layers compare.
                self.places[place].x = position as f64 - row.len() as f64 / 2.0;
            }
        }
    }

    fn mean_x(&self, places: &[usize]) -> Option<f64> {
        let sum: f64 = places.iter().map(|&place| self.places[place].x).sum();
        (!places.is_empty()).then(|| sum / places.len() as f64)
    }

    /// Moves the places of a row as near to where they are wanted as fits, by least squares: neighbours that would
    /// overlap form a block, which stands where its members want it on average (isotonic regression).
    fn spread(&mut self, row: &[usize], wanted: &[f64]) {
        let mut offsets = Vec::with_capacity(row.len());
        let mut offset = 0.0;
        for (position, &place) in row.iter().enumerate() {
            if position > 0 {
                let before = &self.places[row[position - 1]];
                offset += (before.width + self.places[place].width) / 2.0 + GAP;
            }
            offsets.push(offset);
        }
        let mut blocks: Vec<(f64, usize)> = Vec::new();
        for (wanted, offset) in wanted.iter().zip(&offsets) {
            let mut block = (wanted - offset, 1);
            while let Some(&(sum, n)) = blocks.last()
                && sum / n as f64 >= block.0 / block.1 as f64
            {
                block = (sum + block.0, n + block.1);
                blocks.pop();
            }
            blocks.push(block);
        }
        let starts = blocks.iter().flat_map(|&(sum, n)| std::iter::repeat_n(sum / n as f64, n));
        for ((&place, offset), start) in row.iter().zip(&offsets).zip(starts) {
            self.places[place].x = start + offset;
        }
    }
}

/// The layer of each box: below all that lead to it. What nothing leads to stands just above what it leads to.
fn layers(n: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut layers = vec![0; n];
    let mut is_source = vec![true; n];
    let mut below = vec![usize::MAX; n];
    // The arrows come in the order of the boxes that they go to.
    for &(from, to) in arrows {
        layers[to] = layers[to].max(layers[from] + 1);
        is_source[to] = false;
    }
    for &(from, to) in arrows {
        below[from] = below[from].min(layers[to]);
    }
    for index in 0..n {
        if is_source[index] && below[index] != usize::MAX {
            layers[index] = below[index] - 1;
        }
    }
    layers
}
