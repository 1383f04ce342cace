// Explore: comes next.
views.push({ id: 'explore', title: 'Explore', mount() {}, update() {} });
